// Randomness, passed in: a seeded stream for what must be repeatable, the kernel's for what must
// not be guessed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/result.h"

namespace dramatis {

// A seeded generator. One thread at a time.
// Source: Blackman & Vigna 2018, "Scrambled linear pseudorandom number generators", xoshiro256**.
class Rng {
 public:
  explicit Rng(std::uint64_t seed);

  [[nodiscard]] std::uint64_t next();
  // In [0, 1), 53 bits.
  [[nodiscard]] double uniform();
  // In [0, n), every value equally likely. Checked: n > 0.
  [[nodiscard]] std::uint64_t below(std::uint64_t n);

  // The four words that continue the stream, for a checkpoint.
  [[nodiscard]] const std::array<std::uint64_t, 4>& state() const { return state_; }
  void set_state(const std::array<std::uint64_t, 4>& state) { state_ = state; }

 private:
  std::array<std::uint64_t, 4> state_{};
};

// Fills `out` from the kernel's generator. kUnavailable where the kernel has none.
[[nodiscard]] Status fill_random(std::span<std::byte> out);

// 64 bits that nobody can guess.
[[nodiscard]] Result<std::uint64_t> random_u64();

}  // namespace dramatis
