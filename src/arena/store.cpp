// Errors in one wording.
#include "arena/store.h"

#include <fmt/format.h>

namespace dramatis::arena {

Error no_such(TalkId id) {
  return {ErrorCode::kNotFound, fmt::format("There is no talk {}.", print_id(id))};
}

Error taken(TalkId id) {
  return {ErrorCode::kConflict, fmt::format("There is a talk {} already.", print_id(id))};
}

Error has_player(NpcId npc) {
  return {ErrorCode::kConflict, fmt::format("{} is a player already.", print_id(npc))};
}

Error line_out_of_place(TalkId id, std::size_t place, std::size_t next) {
  return {ErrorCode::kConflict,
          fmt::format("Line {} does not come next in {}; line {} does. Somebody else runs it.",
                      place, print_id(id), next)};
}

}  // namespace dramatis::arena
