// How a small model's own words are weighed against its author's.
#pragma once

#include <cstddef>
#include <cstdint>

namespace dramatis::voice {

// Authored lines that compete; further ones are never the nearest.
constexpr std::size_t kMaxCandidates = 6;
// Below this likelihood of being about the right thing, a line is not spoken: thirteen of fourteen
// such lines would miss the question, and an honest "I do not know" misses less. The matcher takes
// half of what players say to be about nothing that was written, hence no higher.
constexpr double kLeastRelevance = 0.07;
// Lines this near to the best are as good as it: which one is spoken is drawn, so that asking twice
// need not give the same words twice.
constexpr double kAsGood = 0.95;
// A line this near to the best takes its place where the best reads badly: authors write a clumsy
// line, too.
constexpr double kNearlyAsGood = 0.85;
// Lines about whose likelihood the model is asked before one is chosen, and how near to the best
// they must be: reading a line takes as long as reading so many words of a prompt.
constexpr std::size_t kMaxRivals = 4;
constexpr double kRivals = 0.5;
// What a nat of likelihood counts: a model of this size knows which of its author's jokes about
// telephones is meant, but not better than the matcher whether telephones are.
constexpr double kFitWeight = 0.005;
// The fit of a line that the model was not asked about: behind all those that it was.
constexpr double kUnreadFit = -100;
// Of the replies that a saying could follow, one in so many has one: who speaks in proverbs does so
// now and then. Longer replies, in bytes, have said enough.
constexpr std::uint64_t kSayingEvery = 4;
constexpr std::size_t kMostBeforeSaying = 240;
// A line that already stands in the conversation counts this much.
constexpr double kSaidBefore = 0.25;
// A sentence of its own must share at least this much of the author's one that takes its place.
constexpr double kLeastTwin = 0.5;
// Own words must share at least this much of a relevant authored line to count as grounded in it.
constexpr double kLeastOverlap = 0.45;
// Own words win a tie against a whole authored line by so much: they fit what was said.
constexpr double kOwnBonus = 1.08;
// Nats per token under the English base past which own words are broken language; the 95th
// percentile of authored lines lies near it.
constexpr double kWorstEnglish = 5.35;

}  // namespace dramatis::voice
