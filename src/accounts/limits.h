// What a holder of a key may cost us, and what an owner may set.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace dramatis::accounts {

// Keys of one service: a studio has dozens, a game that gives one to each player thousands. All
// are held in memory by each server, about 400 bytes each.
constexpr std::size_t kMaxKeys = 100'000;
// What an owner calls a key: a line in a list.
constexpr std::size_t kMaxKeyNameBytes = 100;
// A key as its holder sends it: ours have under 80 letters, and those that an owner brought may
// have more.
constexpr std::size_t kMaxSecretBytes = 256;
// The largest quota: far above what a machine can answer, far below where sums could overflow.
constexpr std::int64_t kMaxQuota = 1'000'000'000'000;
// A key that was revoked elsewhere opens nothing after this time.
constexpr std::chrono::milliseconds kRingAge{500};

// A notice's name: a kind, a slash, and an id or a digest.
constexpr std::size_t kMaxNoticeNameBytes = 128;
// What one server writes down for others: an answer with an NPC's settings or a long turn.
constexpr std::size_t kMaxNoticeBytes = std::size_t{64} * 1024;

}  // namespace dramatis::accounts
