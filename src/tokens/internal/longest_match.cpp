// A tree of bytes; a text's bytes mostly fail at its root.
#include "tokens/internal/longest_match.h"

namespace dramatis::tokens::internal {
namespace {

std::uint64_t edge(std::uint32_t node, char byte) {
  return std::uint64_t{node} * 256 + static_cast<unsigned char>(byte);
}

}  // namespace

void LongestMatch::add(std::string_view words, TokenId id) {
  starts_.set(static_cast<unsigned char>(words.front()));
  std::uint32_t node = 0;
  for (const char byte : words) {
    const auto [next, is_new] =
        edges_.try_emplace(edge(node, byte), static_cast<std::uint32_t>(ids_.size()));
    if (is_new) ids_.push_back(-1);
    node = next->second;
  }
  ids_[node] = static_cast<std::int32_t>(id);
}

Found LongestMatch::longest_at(std::string_view text, std::size_t at) const {
  Found found{.first = at, .length = 0, .id = TokenId{-1}};
  std::uint32_t node = 0;
  for (std::size_t end = at; end < text.size(); ++end) {
    const auto next = edges_.find(edge(node, text[end]));
    if (next == edges_.end()) break;
    node = next->second;
    if (ids_[node] >= 0) found = {.first = at, .length = end + 1 - at, .id = TokenId{ids_[node]}};
  }
  return found;
}

Found LongestMatch::find(std::string_view text, std::size_t from) const {
  if (starts_.any()) {
    for (std::size_t at = from; at < text.size(); ++at) {
      if (!starts_.test(static_cast<unsigned char>(text[at]))) continue;
      if (const auto found = longest_at(text, at); found.length > 0) return found;
    }
  }
  return {.first = text.size(), .length = 0, .id = TokenId{-1}};
}

}  // namespace dramatis::tokens::internal
