// Players and NPCs come, change and go.
#include <limits>

#include <fmt/format.h>

#include "base/ids.h"
#include "dialogue/registry.h"
#include "server/adapter_desk.h"
#include "server/fields.h"
#include "server/internal/handlers.h"
#include "server/internal/ids.h"
#include "server/internal/shapes.h"
#include "server/problem.h"

namespace dramatis::server::internal {
namespace {

using dialogue::NpcSettings;
using text::JsonArray;
using text::JsonObject;

// A field that is there goes into its setting; null makes it usual again.
class SettingsReader {
 public:
  SettingsReader(Fields& fields, NpcSettings& settings) : fields_(fields), settings_(settings) {}

  void text(std::string_view name, std::string NpcSettings::*into) {
    if (fields_.has_null(name)) settings_.*into = usual_.*into;
    if (auto given = fields_.text(name)) settings_.*into = *std::move(given);
  }
  void number(std::string_view name, double NpcSettings::*into) {
    if (fields_.has_null(name)) settings_.*into = usual_.*into;
    if (const auto given = fields_.number(name)) settings_.*into = *given;
  }
  template <class Integer>
  void integer(std::string_view name, Integer NpcSettings::*into) {
    if (fields_.has_null(name)) settings_.*into = usual_.*into;
    const auto given = fields_.integer(name);
    if (!given) return;
    if (*given < 0 || *given > std::numeric_limits<int>::max())
      return fields_.mistake(name, fmt::format("is {}, which cannot be.", *given));
    settings_.*into = static_cast<Integer>(*given);
  }
  void truth(std::string_view name, std::optional<bool> NpcSettings::*into) {
    if (fields_.has_null(name)) settings_.*into = usual_.*into;
    if (const auto given = fields_.truth(name)) settings_.*into = given;
  }

 private:
  Fields& fields_;
  NpcSettings& settings_;
  const NpcSettings usual_{};
};

Status read_adapters(Fields& fields, NpcSettings& settings) {
  if (fields.has_null("adapters")) settings.adapters.clear();
  auto given = fields.objects("adapters");
  if (!given) return {};
  settings.adapters.clear();
  for (Fields& one : *given) {
    lm::AdapterChoice adapter{.name = one.required_text("name")};
    adapter.scale = one.number("scale").value_or(adapter.scale);
    DRAMATIS_DO(one.judge());
    settings.adapters.push_back(std::move(adapter));
  }
  return {};
}

// `settings`, changed by the fields of `body`.
Result<NpcSettings> read_settings(std::string_view body, NpcSettings settings) {
  DRAMATIS_TRY(Fields fields, Fields::read(body));
  SettingsReader reader(fields, settings);
  reader.text("character", &NpcSettings::character);
  reader.text("world_description", &NpcSettings::world_description);
  reader.text("character_description", &NpcSettings::character_description);
  reader.text("scene", &NpcSettings::scene);
  reader.integer("history_size", &NpcSettings::history_size);
  reader.truth("has_scratchpad", &NpcSettings::has_scratchpad);
  reader.number("temperature", &NpcSettings::temperature);
  reader.integer("max_tokens", &NpcSettings::max_tokens);
  reader.text("model", &NpcSettings::model);
  reader.integer("top_k", &NpcSettings::top_k);
  reader.number("top_p", &NpcSettings::top_p);
  reader.number("min_p", &NpcSettings::min_p);
  reader.number("repetition_penalty", &NpcSettings::repetition_penalty);
  reader.number("presence_penalty", &NpcSettings::presence_penalty);
  reader.number("frequency_penalty", &NpcSettings::frequency_penalty);
  DRAMATIS_DO(read_adapters(fields, settings));
  DRAMATIS_DO(fields.judge());
  return settings;
}

// Whether its model is served and takes such numbers; what else may be wrong dialogue::validate()
// says.
Status judge_model(const NpcSettings& settings, const Api& api) {
  DRAMATIS_DO(lm::validate(dialogue::sampling_of(settings)));
  const auto found = api.with.models.find(settings.model);
  if (found) return {};
  return fail(ErrorCode::kInvalidArgument, "model: " + found.error().what);
}

// Names that nobody has loaded would be found out by the first player.
Status judge_adapters(const NpcSettings& settings, const Api& api) {
  if (api.adapters == nullptr) return {};
  return api.adapters->judge(settings.adapters, settings.model);
}

}  // namespace

Result<Response> make_user(const Api& api, const Call& call) {
  DRAMATIS_TRY(Fields fields, Fields::read(call.request.body));
  const std::string name = fields.required_text("username");
  DRAMATIS_DO(fields.judge());
  DRAMATIS_TRY(const auto user, dialogue::register_user(api.with.store, api.with.clock, name));
  return json_response(201, user_json(user));
}

Result<Response> list_users(const Api& api, const Call& /*call*/) {
  DRAMATIS_TRY(const auto users, api.with.store.list_users());
  JsonArray list;
  for (const auto& user : users) list.push_back(user_json(user));
  return json_response(200, JsonObject{{"users", std::move(list)}});
}

Result<Response> show_user(const Api& api, const Call& call) {
  DRAMATIS_TRY(const UserId id, user_of(call.part("user"), call.who));
  DRAMATIS_TRY(const auto user, api.with.store.find_user(id));
  return json_response(200, user_json(user));
}

// Keys that speak for nobody any more go first.
Result<Response> remove_user(const Api& api, const Call& call) {
  DRAMATIS_TRY(const UserId id, user_of(call.part("user"), call.who));
  DRAMATIS_DO(api.with.store.find_user(id));
  if (api.keys != nullptr) {
    DRAMATIS_TRY(const auto keys, api.keys->list());
    for (const auto& key : keys) {
      if (key.user == id) DRAMATIS_DO(api.keys->revoke(key.id));
    }
    api.ring->forget();
  }
  DRAMATIS_DO(api.with.store.remove_user(id));
  return Response{.status = 204};
}

Result<Response> make_npc(const Api& api, const Call& call) {
  DRAMATIS_TRY(const auto settings, read_settings(call.request.body, {}));
  DRAMATIS_DO(judge_model(settings, api));
  DRAMATIS_DO(judge_adapters(settings, api));
  DRAMATIS_TRY(const auto npc,
               dialogue::register_npc(api.with.store, api.with.clock, api.with.cast, settings));
  return json_response(201, npc_json(npc, api.with.cast, call.who));
}

Result<Response> list_npcs(const Api& api, const Call& call) {
  DRAMATIS_TRY(const auto npcs, api.with.store.list_npcs());
  JsonArray list;
  for (const auto& npc : npcs) {
    list.push_back(npc_json(npc, api.with.cast, call.who));
  }
  return json_response(200, JsonObject{{"npcs", std::move(list)}});
}

Result<Response> show_npc(const Api& api, const Call& call) {
  DRAMATIS_TRY(const NpcId id, npc_of(call.part("npc")));
  DRAMATIS_TRY(const auto npc, api.with.store.find_npc(id));
  return json_response(200, npc_json(npc, api.with.cast, call.who));
}

Result<Response> change_npc(const Api& api, const Call& call) {
  DRAMATIS_TRY(const NpcId id, npc_of(call.part("npc")));
  DRAMATIS_TRY(auto npc, api.with.store.find_npc(id));
  const NpcSettings before = npc.settings;
  DRAMATIS_TRY(npc.settings, read_settings(call.request.body, std::move(npc.settings)));
  DRAMATIS_DO(dialogue::validate(npc.settings, api.with.cast));
  DRAMATIS_DO(judge_model(npc.settings, api));
  // One whose adapters could not be loaded again may be changed in all else.
  const bool others =
      npc.settings.adapters != before.adapters || npc.settings.model != before.model;
  if (others) DRAMATIS_DO(judge_adapters(npc.settings, api));
  DRAMATIS_DO(api.with.store.update_npc(id, npc.settings));
  return json_response(200, npc_json(npc, api.with.cast, call.who));
}

Result<Response> remove_npc(const Api& api, const Call& call) {
  DRAMATIS_TRY(const NpcId id, npc_of(call.part("npc")));
  DRAMATIS_DO(api.with.store.remove_npc(id));
  return Response{.status = 204};
}

}  // namespace dramatis::server::internal
