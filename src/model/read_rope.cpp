// How fast the pairs of a head turn, and what a file may say about that.
#include "model/internal/read_rope.h"

#include <cmath>

#include <fmt/format.h>

#include "model/limits.h"

namespace dramatis::model::internal {
namespace {

constexpr NumberRange kFactors{.least = 1e-3, .most = 1e6};

Status read_stretch(const Keys& keys, ModelConfig& config) {
  auto& stretch = config.rope_stretch;
  DRAMATIS_TRY(stretch.factor, keys.number_or("rope.scaling.factor", 8, kFactors));
  DRAMATIS_TRY(stretch.low, keys.number_or("rope.scaling.low_freq_factor", 1, kFactors));
  DRAMATIS_TRY(stretch.high, keys.number_or("rope.scaling.high_freq_factor", 4, kFactors));
  DRAMATIS_TRY(stretch.trained, keys.count("rope.scaling.original_context_length", kMaxContext));
  if (stretch.high > stretch.low) return {};
  return fail(ErrorCode::kCorrupt,
              fmt::format("{} is {} and {} is {}; it must be more.",
                          keys.name("rope.scaling.low_freq_factor"), stretch.low,
                          keys.name("rope.scaling.high_freq_factor"), stretch.high));
}

// Files before the key `type` stretch linearly, some by a key of another name.
Status read_scaling(const Keys& keys, ModelConfig& config) {
  DRAMATIS_TRY(const auto kind, keys.text_or("rope.scaling.type", "linear"));
  if (kind == "none") return {};
  if (kind == "llama3") return read_stretch(keys, config);
  if (kind != "linear") {
    return fail(ErrorCode::kUnsupported,
                fmt::format("{} is \"{}\"; none, linear and llama3 are computed.",
                            keys.name("rope.scaling.type"), shown(kind)));
  }
  const auto* part = keys.has("rope.scaling.factor") ? "rope.scaling.factor" : "rope.scale_linear";
  DRAMATIS_TRY(config.rope_divisor, keys.number_or(part, 1, kFactors));
  return {};
}

// As if a pair turned `turns` times within the tokens first trained.
double stretched(double radians, const RopeStretch& stretch) {
  const double turns = static_cast<double>(stretch.trained) * radians / (2 * M_PI);
  if (turns < stretch.low) return radians / stretch.factor;
  if (turns > stretch.high) return radians;
  const double kept = (turns - stretch.low) / (stretch.high - stretch.low);
  return (1 - kept) * radians / stretch.factor + kept * radians;
}

}  // namespace

Status read_rope(const Keys& keys, ModelConfig& config) {
  const std::size_t even = config.head_width / 2 * 2;
  DRAMATIS_TRY(config.rope_width, keys.count_or("rope.dimension_count", even, config.head_width));
  if (config.rope_width % 2 != 0) {
    return fail(ErrorCode::kCorrupt,
                fmt::format("{} is {}; pairs are rotated.", keys.name("rope.dimension_count"),
                            config.rope_width));
  }
  DRAMATIS_TRY(config.rope_base,
               keys.number_or("rope.freq_base", 10000, {.least = 1, .most = 1e12}));
  return read_scaling(keys, config);
}

std::vector<double> frequencies(const ModelConfig& config, std::span<const float> divisors) {
  std::vector<double> radians(config.rope_width / 2);
  for (std::size_t n = 0; n < radians.size(); ++n) {
    const double exponent = -2.0 * static_cast<double>(n) / static_cast<double>(config.rope_width);
    radians[n] = std::pow(config.rope_base, exponent) / config.rope_divisor;
    if (config.rope_stretch.trained > 0) radians[n] = stretched(radians[n], config.rope_stretch);
    if (!divisors.empty()) radians[n] /= static_cast<double>(divisors[n]);
  }
  return radians;
}

}  // namespace dramatis::model::internal
