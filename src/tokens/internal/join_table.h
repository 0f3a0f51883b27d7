// Pairs of token ids -> what they join to; the question that encoding asks most, answered from one
// flat array.
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <vector>

#include "tokens/internal/merging.h"

namespace dramatis::tokens::internal {

// Immutable once filled.
class JoinTable {
 public:
  // For at most `count` pairs: at least half of the slots stay free, so that a search ends soon.
  explicit JoinTable(std::size_t count)
      : slots_(std::bit_ceil(2 * count + 1)), shift_(64 - std::countr_zero(slots_.size())) {}

  // Keeps what a pair was given first.
  void add(std::int32_t left, std::int32_t right, Join join) {
    Slot& slot = slots_[place_of(left, right)];
    if (slot.left < 0) slot = {.left = left, .right = right, .join = join};
  }
  [[nodiscard]] std::optional<Join> find(std::int32_t left, std::int32_t right) const {
    if (left < 0 || right < 0) return std::nullopt;
    const Slot& slot = slots_[place_of(left, right)];
    return slot.left < 0 ? std::nullopt : std::optional(slot.join);
  }

 private:
  struct Slot {
    std::int32_t left = -1, right = -1;  // -1: free
    Join join{};
  };

  // The pair's slot, or the free one where it would go.
  [[nodiscard]] std::size_t place_of(std::int32_t left, std::int32_t right) const {
    const auto key =
        std::uint64_t{static_cast<std::uint32_t>(left)} << 32 | static_cast<std::uint32_t>(right);
    // Fibonacci hashing: 2^64 divided by the golden ratio.
    std::size_t at = (key ^ key >> 29) * 0x9E3779B97F4A7C15U >> shift_;
    while (slots_[at].left >= 0 && (slots_[at].left != left || slots_[at].right != right)) {
      at = (at + 1) & (slots_.size() - 1);
    }
    return at;
  }

  std::vector<Slot> slots_;
  int shift_;
};

}  // namespace dramatis::tokens::internal
