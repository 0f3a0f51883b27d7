// A word that a text had before -> the ids it was given then. Most words of a text are such words.
#pragma once

#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/ids.h"

namespace dramatis::tokens::internal {

// Lives for one text, which keeps the words alive; `out` only grows meanwhile. One thread at a
// time.
class SeenWords {
 public:
  explicit SeenWords(std::vector<TokenId>& out) : out_(&out) {}

  // Appends the ids of `word` and says true, or remembers that they come next.
  [[nodiscard]] bool repeat(std::string_view word) {
    close();
    const auto [found, is_new] =
        seen_.try_emplace(word, Stretch{.first = out_->size(), .count = 0});
    if (is_new) {
      open_ = &found->second;
      return false;
    }
    const auto [first, count] = found->second;
    for (std::size_t n = 0; n < count; ++n) {
      const TokenId id = (*out_)[first + n];
      out_->push_back(id);
    }
    return true;
  }

 private:
  struct Stretch {
    std::size_t first, count;  // in `out`
  };
  void close() {
    if (open_ != nullptr) open_->count = out_->size() - open_->first;
    open_ = nullptr;
  }

  std::vector<TokenId>* out_;
  std::unordered_map<std::string_view, Stretch> seen_;
  Stretch* open_ = nullptr;  // a node of `seen_`, which stays where it is
};

}  // namespace dramatis::tokens::internal
