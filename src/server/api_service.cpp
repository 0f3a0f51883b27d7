// Of the service itself: is it alive, ready and well; what does it serve.
#include <algorithm>
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

// A sentence for whoever runs the service.
std::string told(const lm::EndpointHealth& place) {
  const std::string last = place.last_error.empty() ? "" : " Last failure: " + place.last_error;
  switch (place.state) {
    case lm::EndpointState::kUp:
      return "It answers." + last;
    case lm::EndpointState::kHalfOpen:
      return "It failed, and is being tried again." + last;
    case lm::EndpointState::kDown:
      return "It failed, and is left alone for a while." + last;
  }
  return last;
}

JsonArray places_json(const std::vector<lm::EndpointHealth>& places, Instant now) {
  JsonArray list;
  for (const auto& place : places) {
    list.push_back(JsonObject{{"name", place.name},
                              {"state", lm::state_name(place.state)},
                              {"since", print_time(now - place.lasted)},
                              {"in_flight", place.in_flight},
                              {"detail", told(place)}});
  }
  return list;
}

std::string_view state_of(const dialogue::ServingModel& serving, const Api& api) {
  return is_up(serving, api.telemetry) ? "up" : "down";
}

// Of a model that nobody looks after, nobody knows that it cannot be asked.
bool can_be_asked(const dialogue::ServingModel& serving) {
  return serving.health == nullptr || lm::can_be_asked(serving.health->health());
}

bool any_can_be_asked(const Api& api) {
  return std::ranges::any_of(api.with.models.all(), can_be_asked);
}

constexpr std::string_view kNoModel = "No model can answer: none of their services does.";

// With its reason, which is nobody's secret.
Response not_ready(std::string_view why) {
  Failure failed = failure({ErrorCode::kUnavailable, {}});
  failed.members.emplace_back("detail", why);
  return response_of(failed);
}

JsonObject model_json(const dialogue::ServingModel& serving, const Api& api) {
  return {{"id", serving.name},
          {"object", "model"},
          {"created", 0},
          {"owned_by", "dramatis"},
          {"name", serving.model.name()},
          {"state", state_of(serving, api)},
          {"context_size", serving.model.context_size()}};
}

}  // namespace

Result<Response> show_alive(const Api& /*api*/, const Call& /*call*/) {
  return json_response(200, JsonObject{{"status", "ok"}});
}

Result<Response> show_ready(const Api& api, const Call& /*call*/) {
  if (!store_answers(api)) return not_ready("The store does not answer.");
  if (!any_can_be_asked(api)) return not_ready(kNoModel);
  return json_response(200, JsonObject{{"status", "ready"}});
}

Result<Response> show_health(const Api& api, const Call& call) {
  const bool store_is_well = store_answers(api);
  const bool well = store_is_well && any_can_be_asked(api);
  JsonArray models;
  for (const auto& serving : api.with.models.all()) {
    JsonObject model{{"name", serving.name}, {"state", state_of(serving, api)}};
    // Where a service is, is its operator's business.
    if (call.who.sees_thoughts() && serving.health != nullptr)
      model.emplace_back("places", places_json(serving.health->health(), api.with.clock.now()));
    models.push_back(std::move(model));
  }
  JsonObject json{{"status", well ? "ok" : "ill"}, {"models", std::move(models)}};
  if (call.who.sees_thoughts()) {
    json.emplace_back("version", api.version);
    json.emplace_back("store", store_is_well ? "answers" : "does not answer");
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

namespace dramatis::server {

bool is_up(const dialogue::ServingModel& serving, Telemetry& telemetry) {
  if (serving.health == nullptr) return telemetry.is_up(serving.name);
  return lm::can_be_asked(serving.health->health());
}

}  // namespace dramatis::server
