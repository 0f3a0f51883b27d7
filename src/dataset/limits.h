// What making data may cost.
#pragma once

#include <cstddef>

namespace dramatis::dataset {

// A recipe: a page with comments.
constexpr std::size_t kMaxRecipeBytes = 64 * 1024;
// Items of one character: a hundred times what the reference trained on, and what a journal holds.
constexpr std::size_t kMaxItems = 100'000;
// Made at once: as many as a remote service serves.
constexpr std::size_t kMaxItemsAtOnce = 64;
// Of one question or answer: a model that fails so often will go on failing.
constexpr std::size_t kMaxTries = 20;
// Scenes asked for in one request: the reference asks for twenty; more is past a reply's length.
constexpr std::size_t kMaxScenesEach = 50;
// Lines of one experience that are asked for; the reference has thirteen.
constexpr std::size_t kMaxTurns = 60;
// Words of one experience that are asked for; the reference asks for 1,200.
constexpr std::size_t kMaxExperienceWords = 4000;
// Thoughts before a character speaks: one is thinking, a third is not speaking.
constexpr std::size_t kMostThoughts = 2;
// A profile of one's own: the reference's longest has 14,000 words.
constexpr std::size_t kMaxProfileBytes = 256 * 1024;
// Talks in one data set, after the sums of transcripts: a file that a person would bring, ten
// times.
constexpr std::size_t kMaxTalks = 100'000;
// Folders of data sets that are listed: a writer has one for each recipe.
constexpr std::size_t kMaxDataSets = 200;

}  // namespace dramatis::dataset
