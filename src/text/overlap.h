// How much two lines say in the same words.
#pragma once

#include <string_view>

namespace dramatis::text {

// The harmonic mean of the shares of words (of three letters and more, in any case) that each line
// has of the other: 0 for nothing shared, 1 for the same words.
[[nodiscard]] double overlap(std::string_view a, std::string_view b);

}  // namespace dramatis::text
