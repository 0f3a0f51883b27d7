// Text -> the words that tell its subject.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace dramatis::study {

// Shorter words are mostly of any subject; the common ones of four letters are known, too.
constexpr std::size_t kSubjectLetters = 5;
constexpr std::size_t kLeastSubjectLetters = 4;

// Those of so many letters and more that are not of any subject ("about", "thing"), without a
// plural's ending: "chains" and "chain" are one word here. Checked: at least kLeastSubjectLetters.
[[nodiscard]] std::set<std::string> subject_words(std::string_view text,
                                                  std::size_t letters = kSubjectLetters);

}  // namespace dramatis::study
