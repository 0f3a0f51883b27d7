// One function for each thing.
#include "server/internal/shapes.h"

#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/ids.h"
#include "dialogue/record.h"
#include "persona/character.h"

namespace dramatis::server::internal {

using text::Json;
using text::JsonArray;
using text::JsonObject;

std::string print_time(Instant at) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(at);
  const std::time_t seconds = std::chrono::system_clock::to_time_t(whole);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(seconds), (at - whole).count());
}

JsonObject user_json(const dialogue::User& user) {
  return {{"user_id", print_id(user.id)},
          {"username", user.name},
          {"registered", print_time(user.registered)}};
}

std::string name_of(const dialogue::Npc& npc, const persona::Cast& cast) {
  const auto& settings = npc.settings;
  if (!settings.character.empty()) {
    const persona::Member* member = cast.find_member(settings.character);
    return member == nullptr ? settings.character : member->sheet.name;
  }
  const auto sheets =
      persona::character_from_text(settings.world_description, settings.character_description);
  return sheets ? sheets->character.name : std::string();
}

JsonObject npc_json(const dialogue::Npc& npc, const persona::Cast& cast, const Identity& who) {
  JsonObject json{{"npc_id", print_id(npc.id)}, {"name", name_of(npc, cast)}};
  const persona::Member* member = cast.find_member(npc.settings.character);
  if (member != nullptr) json.emplace_back("title", member->sheet.title);
  if (!who.sees_thoughts()) return json;
  json.emplace_back("registered", print_time(npc.registered));
  json.emplace_back("settings", dialogue::settings_json(npc.settings));
  return json;
}

JsonObject conversation_json(const dialogue::Conversation& conversation, const Identity& who) {
  JsonObject json{{"conversation_id", print_id(conversation.id)},
                  {"npc_id", print_id(conversation.pair.npc)},
                  {"user_id", print_id(conversation.pair.user)},
                  {"title", conversation.title},
                  {"started", print_time(conversation.started)},
                  {"scene", dialogue::scene_json(conversation.scene)}};
  if (conversation.branched_after)
    json.emplace_back("branched_after", print_id(*conversation.branched_after));
  if (who.sees_thoughts()) json.emplace_back("note", conversation.note);
  return json;
}

JsonObject turn_json(const dialogue::Turn& turn, const Identity& who) {
  JsonObject json{{"turn_id", print_id(turn.id)},
                  {"conversation_id", print_id(turn.conversation)},
                  {"npc_id", print_id(turn.pair.npc)},
                  {"user_id", print_id(turn.pair.user)},
                  {"message", turn.message ? Json(*turn.message) : Json()},
                  {"reply", turn.spoken.reply},
                  {"chosen", turn.chosen},
                  {"alternatives", turn.alternatives},
                  {"at", print_time(turn.spoken.at)}};
  if (who.sees_thoughts() && !turn.spoken.thoughts.empty())
    json.emplace_back("thoughts", turn.spoken.thoughts);
  return json;
}

JsonObject spoken_json(const dialogue::Turn& turn) {
  return {{"turn_id", print_id(turn.id)},
          {"conversation_id", print_id(turn.conversation)},
          {"reply", turn.spoken.reply}};
}

JsonObject message_json(std::string_view role, std::string_view content) {
  return {{"role", role}, {"content", content}};
}

JsonObject key_json(const accounts::Key& key) {
  return {{"key_id", print_id(key.id)},
          {"role", accounts::print_role(key.role)},
          {"user_id", key.user ? Json(print_id(*key.user)) : Json()},
          {"name", key.name},
          {"made", print_time(key.made)},
          {"quota", JsonObject{{"requests_per_minute", key.quota.requests_per_minute},
                               {"tokens_per_day", key.quota.tokens_per_day},
                               {"conversations_per_day", key.quota.conversations_per_day}}}};
}

}  // namespace dramatis::server::internal
