// Tokens sorted by their bytes; each adds the nodes in which it differs from the one before.
#include "sampling/token_trie.h"

#include <algorithm>
#include <limits>
#include <string_view>

#include "base/check.h"

namespace dramatis::sampling {

TokenTrie TokenTrie::build(const tokens::Vocabulary& vocabulary) {
  std::vector<std::string_view> bytes(vocabulary.size());
  std::vector<TokenId> ends;
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    const auto id = static_cast<TokenId>(n);
    if (vocabulary.ends_turn(id)) {
      ends.push_back(id);
    } else if (!vocabulary.is_control(id)) {
      bytes[n] = vocabulary.bytes_of(id);
    }
  }
  return build(bytes, std::move(ends));
}

TokenTrie TokenTrie::build(std::span<const std::string_view> bytes, std::vector<TokenId> ends) {
  constexpr std::size_t kLongest = std::numeric_limits<std::uint16_t>::max();
  TokenTrie made;
  made.size_ = bytes.size();
  made.ends_ = std::move(ends);
  std::vector<std::uint32_t> order;
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    if (!bytes[n].empty() && bytes[n].size() <= kLongest)
      order.push_back(static_cast<std::uint32_t>(n));
  }
  std::ranges::sort(order, [bytes](std::uint32_t a, std::uint32_t b) {
    return bytes[a] != bytes[b] ? bytes[a] < bytes[b] : a < b;
  });
  std::string_view before;
  std::vector<std::uint32_t> open;  // the nodes of `before`, from the top
  for (const auto n : order) {
    const auto word = bytes[n];
    const auto shared =
        static_cast<std::size_t>(std::ranges::mismatch(word, before).in1 - word.begin());
    while (open.size() > shared) {
      made.nodes_[open.back()].after = static_cast<std::uint32_t>(made.nodes_.size());
      open.pop_back();
    }
    for (std::size_t at = shared; at < word.size(); ++at) {
      open.push_back(static_cast<std::uint32_t>(made.nodes_.size()));
      made.nodes_.push_back({.after = 0,
                             .first = static_cast<std::uint32_t>(made.ids_.size()),
                             .count = 0,
                             .depth = static_cast<std::uint16_t>(at),
                             .byte = static_cast<std::uint8_t>(word[at])});
    }
    // Equal tokens past the counter's end are left out: no vocabulary has that many.
    auto& node = made.nodes_[open.back()];
    if (node.count < std::numeric_limits<std::uint16_t>::max()) {
      ++node.count;
      made.ids_.push_back(static_cast<TokenId>(n));
    }
    made.longest_ = std::max(made.longest_, word.size());
    before = word;
  }
  for (const auto node : open)
    made.nodes_[node].after = static_cast<std::uint32_t>(made.nodes_.size());
  return made;
}

Result<TokenMask> TokenTrie::allowed(Matcher& matcher, Matcher::State at) const {
  TokenMask mask(size_);
  if (matcher.may_end(at)) {
    for (const auto id : ends_) mask.add(id);
  }
  if (!matcher.may_go_on(at)) return mask;
  std::vector<Matcher::State> path(longest_ + 1, at);  // by depth: after that many bytes
  for (std::size_t n = 0; n < nodes_.size();) {
    const Node& node = nodes_[n];
    auto reached = matcher.known_step(path[node.depth], node.byte);
    if (!reached) {
      DRAMATIS_TRY(reached, matcher.step(path[node.depth], node.byte));
    }
    if (*reached == Matcher::kDead) {
      n = node.after;
      continue;
    }
    path[node.depth + std::size_t{1}] = *reached;
    for (std::uint32_t k = 0; k < node.count; ++k) mask.add(ids_[node.first + k]);
    ++n;
  }
  return mask;
}

}  // namespace dramatis::sampling
