// Looks everybody up.
#include "dialogue/internal/stage.h"

#include <fmt/format.h>

namespace dramatis::dialogue::internal {

Result<Stage> Stage::set(Pair pair, const Ports& with) {
  Stage stage;
  DRAMATIS_TRY(stage.npc_, with.store.find_npc(pair.npc));
  DRAMATIS_TRY(stage.user_, with.store.find_user(pair.user));
  const NpcSettings& settings = stage.npc_.settings;
  DRAMATIS_TRY(stage.serving_, with.models.find(settings.model));
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

Speaker Stage::speaker(const Conversation& conversation) const& {
  const NpcSettings& settings = npc_.settings;
  prompt::Scene scene = conversation.scene;
  if (scene.place.empty()) scene.place = settings.scene;
  if (scene.player.empty()) scene.player = user_.name;
  const bool thinks = settings.has_scratchpad.value_or(character().scratchpad);
  return {.world = world(),
          .character = character(),
          .scene = std::move(scene),
          .note = conversation.note,
          .head = serving_->head,
          .thoughts = thinks ? prompt::Thoughts::kInvited : prompt::Thoughts::kNone,
          .history_size = settings.history_size,
          .max_tokens = settings.max_tokens};
}

}  // namespace dramatis::dialogue::internal
