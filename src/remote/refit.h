// A prompt made for one model -> the same for another that holds fewer tokens.
#pragma once

#include "base/result.h"
#include "lm/language_model.h"

namespace dramatis::remote {

// `asked` without its oldest lines of the talk, as few as need go: who the character is and what
// was said last stay. Errors: kOverBudget where these alone do not fit with `how.max_tokens`; those
// of count_tokens.
[[nodiscard]] Result<lm::Prompt> refit(const lm::Prompt& asked, const lm::Sampling& how,
                                       const lm::LanguageModel& model);

}  // namespace dramatis::remote
