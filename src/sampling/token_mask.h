// Which tokens of a vocabulary may come next.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/check.h"
#include "base/ids.h"

namespace dramatis::sampling {

// A set of token ids below a size; empty when made. A value.
class TokenMask {
 public:
  explicit TokenMask(std::size_t size) : size_(size), words_((size + 63) / 64, 0) {}

  void add(TokenId id) {
    const auto n = static_cast<std::size_t>(id);
    DRAMATIS_CHECK(n < size_);
    words_[n / 64] |= std::uint64_t{1} << (n % 64);
  }
  [[nodiscard]] bool contains(TokenId id) const {
    const auto n = static_cast<std::size_t>(id);
    return n < size_ && (words_[n / 64] >> (n % 64) & 1) != 0;
  }
  [[nodiscard]] bool empty() const {
    for (const auto word : words_) {
      if (word != 0) return false;
    }
    return true;
  }
  // One more than the largest id that fits.
  [[nodiscard]] std::size_t size() const { return size_; }

  friend bool operator==(const TokenMask&, const TokenMask&) = default;

 private:
  std::size_t size_;
  std::vector<std::uint64_t> words_;
};

}  // namespace dramatis::sampling
