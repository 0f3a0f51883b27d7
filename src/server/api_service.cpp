// Of the service itself: is it alive, ready and well; what does it serve.
#include <limits>

#include "server/dialect_models.h"
#include "server/internal/handlers.h"
#include "server/internal/ids.h"
#include "server/internal/shapes.h"
#include "server/openai_wire.h"
#include "server/problem.h"

namespace dramatis::server::internal {
namespace {

using text::JsonArray;
using text::JsonObject;

// A store that answers, be it that nobody has this id.
bool store_answers(const Api& api) {
  const auto asked = api.with.store.find_npc(NpcId{});
  return asked || asked.error().code == ErrorCode::kNpcNotFound;
}

bool is_up(const dialogue::ServingModel& serving, const Api& api) {
  if (serving.health == nullptr) return api.telemetry.is_up(serving.name);
  return lm::can_be_asked(serving.health->health());
}

JsonObject model_json(const dialogue::ServingModel& serving, const Api& api) {
  return {{"id", serving.name},
          {"object", "model"},
          {"created", 0},
          {"owned_by", "dramatis"},
          {"name", serving.model.name()},
          {"state", is_up(serving, api) ? "up" : "down"},
          {"context_size", serving.model.context_size()}};
}

}  // namespace

Result<Response> show_alive(const Api& /*api*/, const Call& /*call*/) {
  return json_response(200, JsonObject{{"status", "ok"}});
}

Result<Response> show_ready(const Api& api, const Call& /*call*/) {
  if (!store_answers(api)) return fail(ErrorCode::kUnavailable, "The store does not answer.");
  return json_response(200, JsonObject{{"status", "ready"}});
}

Result<Response> show_health(const Api& api, const Call& call) {
  const bool well = store_answers(api);
  JsonArray models;
  for (const auto& serving : api.with.models.all()) {
    models.push_back(JsonObject{{"name", serving.name},
                                {"state", is_up(serving, api) ? "up" : "down"}});
  }
  JsonObject json{{"status", well ? "ok" : "ill"}, {"models", std::move(models)}};
  if (call.who.sees_thoughts()) {
    json.emplace_back("version", api.version);
    json.emplace_back("store", well ? "answers" : "does not answer");
    json.emplace_back("turns_underway", api.underway.size());
  }
  return json_response(well ? 200 : 503, json);
}

Result<Response> show_metrics(const Api& api, const Call& /*call*/) {
  if (api.look_around) api.look_around();
  return Response{.status = 200,
                  .content_type = std::string(runtime::kMetricsType),
                  .body = api.telemetry.print()};
}

Result<Response> list_models(const Api& api, const Call& /*call*/) {
  JsonArray list;
  for (const auto& serving : api.with.models.all()) list.push_back(model_json(serving, api));
  // Clients of OpenAI's dialect talk to NPCs by these names.
  const auto npcs = list_npc_names(api.with);
  if (!npcs) return fail(npcs.error().code, npcs.error().what);
  for (const auto& npc : *npcs) list.push_back(openai_model(npc));
  return json_response(200, JsonObject{{"object", "list"}, {"data", std::move(list)}});
}

Result<Response> show_model(const Api& api, const Call& call) {
  for (const auto& serving : api.with.models.all()) {
    if (serving.name == call.part("model")) return json_response(200, model_json(serving, api));
  }
  // Some clients escape the slash of an NPC's name.
  if (const auto npc = find_listed(call.part("model"), api.with))
    return json_response(200, openai_model(*npc));
  return fail(ErrorCode::kNotFound, "No model has this name; GET /v1/models lists them.");
}

Result<Response> show_me(const Api& api, const Call& call) {
  JsonObject json{{"role", accounts::print_role(call.who.role)}};
  if (call.who.key) json.emplace_back("key_id", accounts::print_id(*call.who.key));
  if (!call.who.user) return json_response(200, json);
  DRAMATIS_TRY(const auto user, api.with.store.find_user(*call.who.user));
  for (auto& member : user_json(user)) json.push_back(std::move(member));
  return json_response(200, json);
}

Result<Response> list_logs(const Api& api, const Call& call) {
  DRAMATIS_TRY(const auto after,
               number_of(call.request, "after", 0, 0, std::numeric_limits<std::int64_t>::max()));
  JsonArray list;
  if (api.lines != nullptr) {
    for (const auto& line : api.lines->after(static_cast<std::uint64_t>(after))) {
      auto parsed = text::parse_json(line.text);
      list.push_back(
          JsonObject{{"n", line.n}, {"line", parsed ? *std::move(parsed) : text::Json(line.text)}});
    }
  }
  return json_response(200, JsonObject{{"lines", std::move(list)}});
}

}  // namespace dramatis::server::internal
