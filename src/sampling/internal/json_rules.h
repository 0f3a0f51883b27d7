// The rules of JSON itself, from which those of a schema are made.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "sampling/internal/rules.h"

namespace dramatis::sampling::internal {

// Where json_rules() has put what. Rule 0 is left for the whole text.
struct JsonRule {
  static constexpr std::size_t kSpace = 1;  // at most one line break with some indentation
  static constexpr std::size_t kString = 2;
  static constexpr std::size_t kNumber = 3;
  static constexpr std::size_t kInteger = 4;
  static constexpr std::size_t kValue = 5;
  static constexpr std::size_t kObject = 6;
  static constexpr std::size_t kMember = 7;
  static constexpr std::size_t kArray = 8;
};

[[nodiscard]] Rules json_rules();

// One character of a string: as it is, or escaped. No escape is half of a surrogate pair.
[[nodiscard]] Expression json_character();
// A number, of 16 digits before and after the point and 2 in the exponent, so that it is finite.
[[nodiscard]] Expression json_number(bool may_be_negative);
// Integers from `low` to `high`, both included, digit by digit. Checked: low <= high.
[[nodiscard]] Expression json_integer(std::int64_t low, std::int64_t high);
// The largest integer that is written where a schema sets no bound: 18 digits fit 64 bits.
constexpr std::int64_t kLargestInteger = 999'999'999'999'999'999;

// A key, with its quotes, without escapes, that is none of `taken`.
[[nodiscard]] Expression json_key_except(const std::vector<std::string>& taken);

// A string, with its quotes, that follows an anchored pattern of letters, sets, `.`, \d, \w and
// their repetitions; nothing for any other pattern.
[[nodiscard]] std::optional<Expression> json_string_like(std::string_view pattern);

}  // namespace dramatis::sampling::internal
