// The wording of what is not there.
#include "dialogue/store.h"

#include <fmt/format.h>

#include "dialogue/limits.h"

namespace dramatis::dialogue {

Error no_such(NpcId id) {
  return {ErrorCode::kNpcNotFound, fmt::format("No NPC has the id '{}'.", print_id(id))};
}

Error no_such(UserId id) {
  return {ErrorCode::kUserNotFound, fmt::format("No player has the id '{}'.", print_id(id))};
}

Error no_such(ConversationId id) {
  return {ErrorCode::kConversationNotFound,
          fmt::format("No conversation has the id '{}'.", print_id(id))};
}

Error no_such(TurnId id) {
  return {ErrorCode::kTurnNotFound, fmt::format("No turn has the id '{}'.", print_id(id))};
}

Error too_many_alternatives(TurnId id) {
  return {ErrorCode::kOverBudget, fmt::format("{} has {} replies already; choose one of them.",
                                              print_id(id), kMaxAlternatives)};
}

Error no_alternative(std::size_t place, const Turn& turn) {
  return {ErrorCode::kInvalidArgument,
          fmt::format("{} has {} replies, counted from 0; there is none at {}.", print_id(turn.id),
                      turn.alternatives, place)};
}

}  // namespace dramatis::dialogue
