// What was said before -> logits that make saying it again less likely.
#pragma once

#include <span>
#include <vector>

#include "base/ids.h"
#include "lm/language_model.h"
#include "tokens/vocabulary.h"

namespace dramatis::sampling {

// The tokens before the one that is drawn.
struct Said {
  std::span<const TokenId> all{};  // the prompt's, then the reply's
  std::size_t prompt_length = 0;   // how many of them are the prompt's
  // In whose bytes the breakers of DRY are found; null: there are none. Outlives the call.
  const tokens::Vocabulary* vocabulary = nullptr;
};

// Changes the logits of tokens that were said, in this order: of the last repetition_window tokens,
// each loses by repetition_penalty (positive logits are divided, others multiplied; once, however
// often it was said); of the reply's own tokens, each loses frequency_penalty * count +
// presence_penalty; then DRY. Shapes: logits [V], overwritten, finite before and after. Checked:
// `how` is valid, tokens in range. Threads: any. Sources: Keskar et al. 2019 (repetition penalty);
// OpenAI's API reference (presence, frequency: mu[j] - c[j] * frequency - (c[j] > 0) * presence).
void punish(std::span<float> logits, const lm::Sampling& how, const Said& said);

// A token that would prolong a repetition: after it, the longest that stands at the end of `all`
// has `length` tokens.
struct Prolongs {
  TokenId id;
  std::size_t length;
};

// Every token that followed, within the last dry_range tokens, the same tokens as stand at the end
// now, with the longest such run; ids rise. No run reaches back over a breaker (a token in which
// the text of a breaker ends), and neither a token which holds a breaker nor a control token is
// listed: a reply must be able to end. Time grows linearly. Sources: P. E. Weidmann's DRY (text-
// generation-webui, pull request 5677); its linear form by pi6am in KoboldCpp, also in llama.cpp.
[[nodiscard]] std::vector<Prolongs> repetitions(const lm::Sampling& how, const Said& said);

}  // namespace dramatis::sampling
