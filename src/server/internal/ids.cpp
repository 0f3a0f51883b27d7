// Parse, find, and compare with the caller.
#include "server/internal/ids.h"

#include <charconv>

#include <fmt/format.h>

#include "base/ids.h"
#include "dialogue/store.h"

namespace dramatis::server::internal {

Result<UserId> user_of(std::string_view text, const Identity& who) {
  const auto id = parse_user_id(text);
  if (!id) {
    return fail(ErrorCode::kUserNotFound,
                "user_id is no id of a player; register one with POST /v1/users.");
  }
  if (!who.may_reach(*id)) return tl::unexpected(dialogue::no_such(*id));
  return *id;
}

Result<UserId> user_or_own(std::string_view text, const Identity& who) {
  if (text.empty() && who.user) return *who.user;
  return user_of(text, who);
}

Result<NpcId> npc_of(std::string_view text) {
  if (const auto id = parse_npc_id(text)) return *id;
  return fail(ErrorCode::kNpcNotFound, "This is no id of an NPC; GET /v1/npcs lists them.");
}

Result<dialogue::Conversation> conversation_of(std::string_view text, const Api& api,
                                               const Identity& who) {
  const auto id = parse_conversation_id(text);
  if (!id) {
    return fail(ErrorCode::kConversationNotFound,
                "This is no id of a conversation; GET /v1/conversations lists them.");
  }
  DRAMATIS_TRY(auto found, api.with.store.find_conversation(*id));
  if (!who.may_reach(found.pair.user)) return tl::unexpected(dialogue::no_such(*id));
  return found;
}

Result<dialogue::Turn> turn_of(std::string_view text, const Api& api, const Identity& who) {
  const auto id = parse_turn_id(text);
  if (!id) return fail(ErrorCode::kTurnNotFound, "This is no id of a turn.");
  DRAMATIS_TRY(auto found, api.with.store.find_turn(*id));
  if (!who.may_reach(found.pair.user)) return tl::unexpected(dialogue::no_such(*id));
  return found;
}

Result<std::int64_t> number_of(const Request& request, std::string_view name, std::int64_t usual,
                               std::int64_t least, std::int64_t most) {
  const std::string_view text = request.parameter(name);
  if (text.empty()) return usual;
  std::int64_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc{} || end != text.data() + text.size() || value < least || value > most) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} is a number from {} to {}.", name, least, most));
  }
  return value;
}

}  // namespace dramatis::server::internal
