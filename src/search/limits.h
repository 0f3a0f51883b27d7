// What a search may cost.
#pragma once

#include <cstddef>

namespace dramatis::search {

// Words of a query that are looked up: a player's longest sensible sentence; the rest of a paste
// adds time and no aim.
constexpr std::size_t kMaxQueryWords = 32;
// Letters of one word: the longest a player means; longer ones are noise that FTS5 would store
// whole.
constexpr std::size_t kMaxWordBytes = 64;
// Hits of one query: thirty times what a prompt can show.
constexpr std::size_t kMaxHits = 256;
// Documents of one index in memory: a thousand characters with a thousand lines each, about 300 MB.
constexpr std::size_t kMaxDocuments = 1'000'000;
// Words of a line that the matcher reads: longer lines than this are pastes, and their mean says
// nothing.
constexpr std::size_t kMaxMatchedWords = 64;
// What an answer loses that was written for other words than its group's best, for each unit of
// similarity: an answer to the very question is better than its neighbours, and they are not wrong.
constexpr double kBehind = 0.2;
// Wordings of a group that speak for it: one in six, within these bounds. Of 120 questions that
// went around the thing 93 found a right topic with twelve, 87 with three; of groups of a handful,
// three are better than one and as many as there should be.
constexpr std::size_t kFewestAgreeing = 3;
constexpr std::size_t kMostAgreeing = 12;
constexpr std::size_t kOneAgreesOf = 6;
// Features of one line: 64 words of seven letters have about 1,000; a hostile line has no more.
constexpr std::size_t kMaxFeatures = 2048;

}  // namespace dramatis::search
