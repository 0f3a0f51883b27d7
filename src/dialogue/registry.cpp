// Names and settings are judged, ids drawn, and the store keeps them.
#include "dialogue/registry.h"

#include <fmt/format.h>

#include "base/random.h"
#include "dialogue/limits.h"
#include "lm/language_model.h"
#include "text/utf8.h"
#include "text/utterance.h"

namespace dramatis::dialogue {
namespace {

Result<std::string> judge_name(std::string_view name) {
  DRAMATIS_TRY(auto heard, text::hear(name));
  if (heard.blank())
    return fail(ErrorCode::kInvalidArgument, "A player needs a name; this one is blank.");
  if (heard.words.size() > kMaxNameBytes) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("The name has {} bytes, at most {} are kept.", heard.words.size(),
                            kMaxNameBytes));
  }
  if (heard.words.find_first_of("\n\t") != std::string::npos) {
    return fail(ErrorCode::kInvalidArgument, "A name stands on one line, without tabs.");
  }
  return std::move(heard.words);
}

// Calls `add` with fresh ids until one is free.
template <class Add>
auto with_fresh_id(const Add& add) -> decltype(add(std::uint64_t{})) {
  for (int draw = 1;; ++draw) {
    DRAMATIS_TRY(const std::uint64_t id, random_u64());
    auto added = add(id);
    const bool taken = !added && added.error().code == ErrorCode::kConflict;
    if (!taken || draw == kMaxIdDraws) return added;
  }
}

Status judge_source(const NpcSettings& settings, const persona::Cast& cast) {
  const bool described =
      !settings.character_description.empty() || !settings.world_description.empty();
  if (settings.character.empty()) {
    return persona::character_from_text(settings.world_description, settings.character_description)
        .map([](const persona::Sheets&) {});
  }
  if (described) {
    return fail(ErrorCode::kInvalidArgument,
                "character and character_description are both set; an NPC is one or the other.");
  }
  if (cast.find_member(settings.character) != nullptr) return {};
  return fail(ErrorCode::kNotFound,
              fmt::format("No character of the cast has the id '{}'.",
                          text::printable(text::cut_at(settings.character, kMaxNameBytes))));
}

}  // namespace

Result<User> register_user(Store& store, const Clock& clock, std::string_view name) {
  DRAMATIS_TRY(const auto judged, judge_name(name));
  return with_fresh_id([&](std::uint64_t id) {
    return store.add_user({.id = UserId{id}, .name = judged, .registered = clock.now()});
  });
}

Status validate(const NpcSettings& settings, const persona::Cast& cast) {
  DRAMATIS_DO(judge_source(settings, cast));
  if (settings.history_size > kMaxHistorySize) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("history_size is {}, at most {} messages are remembered.",
                            settings.history_size, kMaxHistorySize));
  }
  if (settings.scene.size() > kMaxSceneBytes || !text::is_valid_utf8(settings.scene)) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("scene has {} bytes; it is UTF-8 of at most {}.", settings.scene.size(),
                            kMaxSceneBytes));
  }
  return lm::validate({.temperature = settings.temperature,
                       .max_tokens = settings.max_tokens,
                       .seed = {},
                       .stop = {},
                       .deadline = {}});
}

Result<Npc> register_npc(Store& store, const Clock& clock, const persona::Cast& cast,
                         const NpcSettings& settings) {
  DRAMATIS_DO(validate(settings, cast));
  return with_fresh_id([&](std::uint64_t id) -> Result<Npc> {
    const Npc npc{.id = NpcId{id}, .settings = settings, .registered = clock.now()};
    DRAMATIS_DO(store.add_npc(npc));
    return npc;
  });
}

}  // namespace dramatis::dialogue
