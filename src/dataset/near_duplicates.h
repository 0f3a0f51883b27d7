// Texts -> which of them say what another said already.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace dramatis::dataset {

// Two texts are alike when their runs of three words (in any case, without punctuation) have at
// least this share in common, of all that either has. A line with one word changed in twelve has
// six tenths, one with another greeting before it more.
constexpr double kAlike = 0.6;

// For each text, the index of the first text that it is alike to, or its own. Texts of fewer than
// three words are compared as wholes. Every pair is found whose share is 0.8 or more but for one in
// ten thousand, and of those at 0.6 ninety-nine in a hundred; what is found is compared exactly.
// The same texts give the same answer. Source: Broder 1997, "On the resemblance and containment of
// documents".
[[nodiscard]] std::vector<std::size_t> first_alike(std::span<const std::string> texts);

}  // namespace dramatis::dataset
