// A profile's paragraph -> what a model is asked to write about it.
#pragma once

#include "dataset/profile.h"
#include "dataset/scene_text.h"
#include "lm/language_model.h"
#include "persona/character.h"
#include "persona/troupe.h"
#include "persona/world.h"

namespace dramatis::dataset {

// Whose scenes they are, and which paragraph of the profile they show.
struct Subject {
  const persona::Character& character;
  const persona::World& world;
  const ProfileParagraph& paragraph;
};

// So many scenes in the form that parse_scenes reads.
[[nodiscard]] lm::Prompt scenes_prompt(const Subject& subject, std::size_t count);

// How long a scene is to be.
struct ScriptSize {
  std::size_t turns = 13;
  std::size_t words = 600;
};

// The scene as a script in the form that parse_experience reads. Only the character thinks.
[[nodiscard]] lm::Prompt dialogue_prompt(const Subject& subject, const SceneDraft& scene,
                                         const ScriptSize& size);

// A scene in which `visitor` comes back again and again to `unknown`, of which the character cannot
// have heard, and gets nothing but honest puzzlement.
[[nodiscard]] lm::Prompt protective_prompt(const Subject& subject,
                                           const persona::Interlocutor& visitor,
                                           std::string_view unknown, const ScriptSize& size);

// What asks for them, after all that is told.
constexpr std::string_view kAskScenes = "The scenes, please.";
constexpr std::string_view kAskScript = "The script, please.";

}  // namespace dramatis::dataset
