// Logits -> the next token, by the settings of a request and a seeded stream of randomness.
#pragma once

#include <span>

#include "base/ids.h"
#include "base/random.h"
#include "base/result.h"
#include "lm/language_model.h"
#include "sampling/penalties.h"
#include "sampling/token_mask.h"

namespace dramatis::sampling {

// Draws one token. In this order: tokens that were said lose (punish), tokens outside `allowed`
// leave, logits are divided by the temperature, the top_k likeliest stay, of these the likeliest
// whose probabilities first reach top_p, of these the ones with at least min_p of the likeliest's;
// one is drawn by probability. So truncation never leaves a grammar without a candidate, and what a
// grammar or truncation took out no penalty brings back. Temperature 0 takes the likeliest. Of
// equals, the smaller id comes first. Shapes: logits [V], overwritten; `allowed` null: every token.
// Errors: kCorrupt where a logit is not finite (a damaged model). Checked: V > 0, `how` is valid,
// `said` in range, `allowed` has a token below V. Threads: any, with logits and rng of their own.
// One draw takes one number of `rng`, temperature 0 none. Sources: Fan et al. 2018 (top-k);
// Holtzman et al. 2020 (top-p); Nguyen et al. 2024 (min-p).
[[nodiscard]] Result<TokenId> pick(std::span<float> logits, const lm::Sampling& how,
                                   const Said& said, const TokenMask* allowed, Rng& rng);

// The natural logarithm of the probability that the next token is one of `ids`, summed in f64.
// Errors: kCorrupt where a logit is not finite. Checked: not empty, in range. Threads: any.
[[nodiscard]] Result<double> log_probability(std::span<const float> logits,
                                             std::span<const TokenId> ids);

}  // namespace dramatis::sampling
