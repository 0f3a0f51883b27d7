// Replies -> how varied they are, and how they drift.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace dramatis::study {

// Different runs of `n` words among all runs of `n` words, over all texts: 1 where none comes
// twice, 0 where there are none. Source: Li et al. 2016, "A diversity-promoting objective
// function".
[[nodiscard]] double distinct(std::span<const std::string> texts, std::size_t n);

// The share of runs of `n` words, of all texts but the first, that an earlier text has: 0 where
// nothing is said again, 1 where everything is.
[[nodiscard]] double self_repetition(std::span<const std::string> texts, std::size_t n);

// One less the likeness (cosine of word counts, words of four letters and more) of the first third
// of the texts and the last third: 0 where they speak of the same, 1 where they share no word. 0
// for fewer than three texts.
[[nodiscard]] double topic_drift(std::span<const std::string> texts);

// Whether a reply agrees before all else: "Yes", "You are right", "Of course".
[[nodiscard]] bool agrees(std::string_view reply);

// The share of agreeing replies in the later half less that in the earlier half: above 0, the
// speaker gives way. 0 for fewer than two.
[[nodiscard]] double agreement_drift(std::span<const std::string> texts);

}  // namespace dramatis::study
