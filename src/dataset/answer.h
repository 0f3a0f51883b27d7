// A question -> what a larger model is asked to have the character answer.
#pragma once

#include <span>
#include <string_view>

#include "base/result.h"
#include "dataset/encounter.h"
#include "lm/language_model.h"
#include "prompt/compose.h"

namespace dramatis::dataset {

// The prompt of a real turn with the whole sheet, the encounter as its scene, the nearest of the
// curated examples, and the rules of style as the director's note. Errors: those of
// prompt::compose.
[[nodiscard]] Result<lm::Prompt> answer_prompt(const Encounter& met, std::string_view question,
                                               const persona::World& world,
                                               const persona::Character& character,
                                               std::span<const lm::AuthoredLine> examples,
                                               const lm::LanguageModel& model);

// What an answer may take, in tokens: three sentences and some.
constexpr int kAnswerTokens = 160;

// The scene of an encounter, which is also what a model trained on its answer is shown.
[[nodiscard]] prompt::Scene scene_of(const Encounter& met);

}  // namespace dramatis::dataset
