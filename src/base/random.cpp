// xoshiro256** for repeatable streams, getrandom(2) for secrets.
#include "base/random.h"

#include <bit>
#include <cerrno>

#include <sys/random.h>

#include "base/check.h"

namespace dramatis {
namespace {

// Spreads a seed over the state. Source: Steele, Lea & Flood 2014, SplitMix64.
std::uint64_t split_mix(std::uint64_t& x) {
  x += 0x9e3779b97f4a7c15U;
  std::uint64_t z = x;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

}  // namespace

Rng::Rng(std::uint64_t seed) {
  for (auto& word : state_) word = split_mix(seed);
}

std::uint64_t Rng::next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t t = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

double Rng::uniform() {
  return static_cast<double>(next() >> 11) * 0x1.0p-53;
}

std::uint64_t Rng::below(std::uint64_t n) {
  DRAMATIS_CHECK(n > 0);
  const std::uint64_t too_high = -n % n;  // values under this would favour the low results
  std::uint64_t drawn = next();
  while (drawn < too_high) drawn = next();
  return drawn % n;
}

Status fill_random(std::span<std::byte> out) {
  while (!out.empty()) {
    const ssize_t got = getrandom(out.data(), out.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return fail(ErrorCode::kUnavailable, "The kernel gives no random bytes.");
    out = out.subspan(static_cast<std::size_t>(got));
  }
  return {};
}

Result<std::uint64_t> random_u64() {
  std::uint64_t value = 0;
  DRAMATIS_DO(fill_random(std::as_writable_bytes(std::span(&value, 1))));
  return value;
}

}  // namespace dramatis
