// How large a talk of NPCs may grow.
#pragma once

#include <cstddef>

namespace dramatis::arena {

// NPCs of one talk: a full table. Each hears what all the others said since it spoke.
constexpr std::size_t kMaxParticipants = 12;
// Lines of one talk: a night's; the oldest have long left every prompt.
constexpr std::size_t kMaxLines = 10'000;
// Talks of one list.
constexpr std::size_t kMaxTalksListed = 1000;
// An opening line is one message.
constexpr std::size_t kMaxOpeningBytes = 2 * 1024;

}  // namespace dramatis::arena
