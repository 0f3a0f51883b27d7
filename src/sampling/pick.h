// Logits -> the next token, by the settings of a request and a seeded stream of randomness.
#pragma once

#include <span>

#include "base/ids.h"
#include "base/random.h"
#include "base/result.h"
#include "lm/language_model.h"

namespace dramatis::sampling {

// Draws one token. In this order: repeated tokens lose (positive logits are divided by the penalty,
// negative ones multiplied), logits are divided by the temperature, the top_k likeliest stay, of
// these the likeliest whose probabilities first reach top_p, of these the ones with at least min_p
// of the likeliest's; one is drawn by probability. Temperature 0 takes the likeliest. Of equals,
// the smaller id comes first. Shapes: logits [V], overwritten; `said` holds the tokens so far, of
// which the last repetition_window count. Errors: kCorrupt where a logit is not finite (a damaged
// model). Checked: V > 0, `how` is valid, `said` in range. Threads: any, with logits and rng of
// their own. One draw takes one number of `rng`, temperature 0 none. Sources: Keskar et al. 2019
// (repetition penalty); Fan et al. 2018 (top-k); Holtzman et al. 2020 (top-p); Nguyen et al. 2024
// (min-p).
[[nodiscard]] Result<TokenId> pick(std::span<float> logits, const lm::Sampling& how,
                                   std::span<const TokenId> said, Rng& rng);

// The natural logarithm of the probability that the next token is one of `ids`, summed in f64.
// Errors: kCorrupt where a logit is not finite. Checked: not empty, in range. Threads: any.
[[nodiscard]] Result<double> log_probability(std::span<const float> logits,
                                             std::span<const TokenId> ids);

}  // namespace dramatis::sampling
