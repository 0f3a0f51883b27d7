// Unicode's data for the forms of letters, sorted by code point.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace dramatis::tokens::internal {

struct Run {
  char32_t first, last;
};
// Every `stride`th from `first` to `last` has its lower case `distance` away.
struct LowerRun {
  char32_t first, last;
  std::int32_t stride, distance;
};
// The canonical decomposition without nonspacing marks; unused places are 0.
struct PlainForm {
  char32_t from;
  std::array<char32_t, 3> to;
};

[[nodiscard]] std::span<const Run> control_runs();      // Cc, Cf, Co
[[nodiscard]] std::span<const Run> punctuation_runs();  // P
[[nodiscard]] std::span<const Run> accent_runs();       // of which the decomposition leaves nothing
[[nodiscard]] std::span<const LowerRun> lower_runs();   // of one letter, without U+0130
[[nodiscard]] std::span<const PlainForm> plain_forms();  // without Hangul

}  // namespace dramatis::tokens::internal
