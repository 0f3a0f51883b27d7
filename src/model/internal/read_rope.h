// Rotation: metadata -> its place in the config -> radians per position.
#pragma once

#include <span>
#include <vector>

#include "base/result.h"
#include "model/config.h"
#include "model/internal/keys.h"

namespace dramatis::model::internal {

// Fills the rope_ fields but the order of pairs. Errors: those of Keys; kUnsupported naming another
// kind of scaling.
[[nodiscard]] Status read_rope(const Keys& keys, ModelConfig& config);

// Radians per position of each pair, [R / 2]; `divisors` [R / 2] of the angles, or empty.
// Source: Su et al. 2021, "RoFormer", section 3.2.2.
[[nodiscard]] std::vector<double> frequencies(const ModelConfig& config,
                                              std::span<const float> divisors);

}  // namespace dramatis::model::internal
