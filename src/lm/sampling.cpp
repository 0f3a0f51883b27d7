// Judges sampling settings before a model sees them.
#include <cmath>

#include <fmt/format.h>

#include "lm/language_model.h"
#include "lm/limits.h"

namespace dramatis::lm {
namespace {

Status within(std::string_view field, double value, double low, double high) {
  if (std::isfinite(value) && value >= low && value <= high) return {};
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{} is {}; it must lie between {} and {}.", field, value, low, high));
}

}  // namespace

Status validate(const Sampling& how) {
  DRAMATIS_DO(within("temperature", how.temperature, 0, 5));
  DRAMATIS_DO(within("top_k", how.top_k, 0, 1'000'000));
  DRAMATIS_DO(within("top_p", how.top_p, 1e-6, 1));
  DRAMATIS_DO(within("min_p", how.min_p, 0, 0.999));
  DRAMATIS_DO(within("repetition_penalty", how.repetition_penalty, 0.5, 2));
  DRAMATIS_DO(within("repetition_window", how.repetition_window, 0, kMaxRepetitionWindow));
  DRAMATIS_DO(within("max_tokens", how.max_tokens, 1, kMaxReplyTokens));
  if (how.stop.size() > kMaxStopStrings) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("{} stop strings; at most {} are used.",
                                                         how.stop.size(), kMaxStopStrings));
  }
  for (const auto& text : how.stop) {
    if (text.empty() || text.size() > kMaxStopBytes) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("A stop string has {} bytes; it must have 1 to {}.", text.size(),
                              kMaxStopBytes));
    }
  }
  return {};
}

}  // namespace dramatis::lm
