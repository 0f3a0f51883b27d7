// When work must end before it is done: somebody asked, or the time allowed has passed.
#pragma once

#include <chrono>
#include <optional>
#include <stop_token>

#include "base/result.h"

namespace dramatis::runtime {

// Copied freely; asked between two steps that take no longer than one token.
struct Stop {
  std::stop_token token{};                                          // nobody asks by default
  std::optional<std::chrono::steady_clock::time_point> deadline{};  // nothing: as long as it takes

  // Errors: kCancelled, kDeadline.
  [[nodiscard]] Status check() const;
};

}  // namespace dramatis::runtime
