// Rows <-> what dialogue/ speaks of, and what several statements ask first.
#pragma once

#include <limits>
#include <optional>
#include <string>

#include "dialogue/conversation.h"
#include "dialogue/npc.h"
#include "store/internal/backend.h"

namespace dramatis::store::internal {

// Ids are 64 random bits; databases keep them as signed integers.
template <class Id>
std::int64_t number_of(Id id) {
  return static_cast<std::int64_t>(id);
}
template <class Id>
Id id_of(const Cell& cell) {
  return Id{static_cast<std::uint64_t>(integer(cell))};
}
inline std::int64_t milliseconds_of(Instant at) {
  return at.time_since_epoch().count();
}
inline Instant instant_of(const Cell& cell) {
  return Instant{std::chrono::milliseconds(integer(cell))};
}
// A number of rows; a negative limit would be none.
inline std::int64_t limit_of(std::size_t count) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
  return count > static_cast<std::size_t>(kMost) ? kMost : static_cast<std::int64_t>(count);
}
inline Value text_or_null(const std::optional<std::string>& text) {
  return text ? Value(std::string_view(*text)) : Value();
}

// The columns of each, in the order in which the functions below read them.
#define DRAMATIS_USER_COLUMNS "id, name, registered_ms"
#define DRAMATIS_NPC_COLUMNS "id, settings, registered_ms"
#define DRAMATIS_CONVERSATION_COLUMNS \
  "id, npc, player, title, scene, note, branched_after, started_ms"
#define DRAMATIS_ALTERNATIVE_COLUMNS "reply, thoughts, account, at_ms"
#define DRAMATIS_TURN_COLUMNS                                        \
  DRAMATIS_ALTERNATIVE_COLUMNS                                       \
  ", id, conversation, npc, player, message, chosen, alternatives, " \
  "key"

// kCorrupt where a column of JSON is none.
[[nodiscard]] dialogue::User user_of(const Row& row);
[[nodiscard]] Result<dialogue::Npc> npc_of(const Row& row);
[[nodiscard]] Result<dialogue::Conversation> conversation_of(const Row& row);
[[nodiscard]] Result<dialogue::Alternative> alternative_of(const Row& row);
[[nodiscard]] Result<dialogue::Turn> turn_of(const Row& row);

// JSON for a column.
[[nodiscard]] std::string print_settings(const dialogue::NpcSettings& settings);
[[nodiscard]] std::string print_scene(const prompt::Scene& scene);
[[nodiscard]] std::optional<std::string> print_account(const dialogue::Alternative& spoken);

// kNpcNotFound or kUserNotFound where there is none of the pair.
[[nodiscard]] Status check_pair(Session& session, dialogue::Pair pair);
// The turn, held until the transaction ends; kTurnNotFound.
[[nodiscard]] Result<dialogue::Turn> hold_turn(Session& session, TurnId id);
// The same for a conversation: nobody else appends to it.
[[nodiscard]] Status hold_conversation(Session& session, ConversationId id);
// Adds a turn with its one reply at the end of `conversation`.
[[nodiscard]] Status append_turn(Session& session, const dialogue::Turn& turn,
                                 const dialogue::Conversation& conversation);

}  // namespace dramatis::store::internal
