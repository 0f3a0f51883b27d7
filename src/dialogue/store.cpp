// The wording of what is not there.
#include "dialogue/store.h"

#include <fmt/format.h>

namespace dramatis::dialogue {

Error no_such(NpcId id) {
  return Error{ErrorCode::kNpcNotFound, fmt::format("No NPC has the id '{}'.", print_id(id))};
}

Error no_such(UserId id) {
  return Error{ErrorCode::kUserNotFound, fmt::format("No player has the id '{}'.", print_id(id))};
}

}  // namespace dramatis::dialogue
