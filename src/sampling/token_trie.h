// A vocabulary -> its tokens as a tree of bytes, so that what tokens share is tried once.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "sampling/matcher.h"
#include "sampling/token_mask.h"
#include "tokens/vocabulary.h"

namespace dramatis::sampling {

// Built once for a vocabulary. Immutable. Tokens without bytes and control tokens are not in it:
// a grammar never allows them, but for the ends of a turn.
class TokenTrie {
 public:
  [[nodiscard]] static TokenTrie build(const tokens::Vocabulary& vocabulary);
  // The same from plain tables: the bytes of each token by id, and the ids that end a turn.
  [[nodiscard]] static TokenTrie build(std::span<const std::string_view> bytes,
                                       std::vector<TokenId> ends);

  // The tokens that may come next at `at`: those whose bytes the grammar allows, and the ends of a
  // turn where it may end. Errors: those of Matcher::step.
  [[nodiscard]] Result<TokenMask> allowed(Matcher& matcher, Matcher::State at) const;

  [[nodiscard]] std::size_t vocabulary_size() const { return size_; }

 private:
  // In the order of a walk from the left: a node's children follow it.
  struct Node {
    std::uint32_t after;  // the first node that is not below this one
    std::uint32_t first;  // of ids_: tokens that end here
    std::uint16_t count;
    std::uint16_t depth;  // bytes above this one
    std::uint8_t byte;
  };

  std::size_t size_ = 0;
  std::size_t longest_ = 0;
  std::vector<Node> nodes_;
  std::vector<TokenId> ids_;
  std::vector<TokenId> ends_;
};

}  // namespace dramatis::sampling
