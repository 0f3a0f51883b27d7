// Looks both speakers up.
#include "dialogue/internal/stage.h"

#include <fmt/format.h>

namespace dramatis::dialogue::internal {

Result<Stage> Stage::set(Pair pair, const Ports& with) {
  Stage stage;
  DRAMATIS_TRY(stage.npc_, with.store.find_npc(pair.npc));
  DRAMATIS_TRY(stage.user_, with.store.find_user(pair.user));
  const NpcSettings& settings = stage.npc_.settings;
  if (settings.character.empty()) {
    DRAMATIS_TRY(stage.described_, persona::character_from_text(settings.world_description,
                                                                settings.character_description));
    return stage;
  }
  const persona::Member* member = with.cast.find_member(settings.character);
  stage.world_ = member == nullptr ? nullptr : with.cast.find_world(member->sheet.world);
  if (stage.world_ == nullptr) {
    return fail(ErrorCode::kNotFound, fmt::format("{} plays '{}', who is no longer in the cast.",
                                                  print_id(pair.npc), settings.character));
  }
  stage.character_ = &member->sheet;
  return stage;
}

prompt::Thoughts Stage::thoughts() const {
  return npc_.settings.has_scratchpad.value_or(character().scratchpad) ? prompt::Thoughts::kInvited
                                                                       : prompt::Thoughts::kNone;
}

}  // namespace dramatis::dialogue::internal
