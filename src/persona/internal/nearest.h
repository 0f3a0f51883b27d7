// The known word that somebody may have meant.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace dramatis::persona::internal {

// The word of `known` with the smallest edit distance to `word`, or nothing where none is near
// (within a third of its letters, at least two). Earlier words win ties.
[[nodiscard]] std::string_view nearest(std::string_view word,
                                       std::span<const std::string_view> known);

}  // namespace dramatis::persona::internal
