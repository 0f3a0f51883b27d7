// Fixed texts (tokens that are matched whole) -> where the next of them stands in a text.
#pragma once

#include <bitset>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/ids.h"

namespace dramatis::tokens::internal {

// Where a token stands; `length` 0 and `first` at the end of the text where there is none.
struct Found {
  std::size_t first, length;
  TokenId id;
};

// The leftmost, and of those the longest. Immutable once filled.
class LongestMatch {
 public:
  // `words` is not empty and was not added before.
  void add(std::string_view words, TokenId id);
  [[nodiscard]] Found find(std::string_view text, std::size_t from) const;

 private:
  [[nodiscard]] Found longest_at(std::string_view text, std::size_t at) const;

  std::unordered_map<std::uint64_t, std::uint32_t> edges_;  // node * 256 + byte -> node
  std::vector<std::int32_t> ids_{-1};                       // by node: the token that ends there
  std::bitset<256> starts_;
};

}  // namespace dramatis::tokens::internal
