// When the rules call something too much.
#pragma once

#include <cstddef>

namespace dramatis::signs {

// Words that a reply may not say twice in a row of its own: shorter runs ("I do not know what")
// come twice in good speech.
constexpr std::size_t kRepeatedRun = 6;
// A sentence of so many words that was said before is no accident; "Good morning to you." is.
constexpr std::size_t kRepeatedSentence = 5;
// How far back a rule looks for what was said before: as far as a player remembers.
constexpr std::size_t kRepliesRemembered = 12;
// A saying within so many replies, so often: a third time within five is a tic.
constexpr std::size_t kRepliesOfCatchphrase = 5;
constexpr std::size_t kCatchphraseUses = 3;
// Names shorter than this are words of other languages too often to be names.
constexpr std::size_t kShortestStranger = 4;
// Findings of one rule in one reply: whoever reads them has seen enough.
constexpr std::size_t kMaxFindingsOfRule = 20;

}  // namespace dramatis::signs
