// A row of symbols -> the row after every wanted join, the cheapest first, the leftmost of equals.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

namespace dramatis::tokens::internal {

// A stretch of a text, linked to its neighbours.
struct Symbol {
  std::uint32_t first, length;  // in bytes; length 0: swallowed by its left neighbour
  std::int32_t left, right;     // neighbours; -1: none
  std::int32_t id;              // its token; -1: none
};

// What two neighbours become.
struct Join {
  float cost;  // the smallest goes first; ranks are exact up to 2^24
  std::int32_t id;
};

// Time: n log n. Its memory is kept from one row to the next. One thread at a time.
class Merging {
 public:
  void clear() { symbols_.clear(); }
  void add(std::uint32_t first, std::uint32_t length, std::int32_t id) {
    const auto at = static_cast<std::int32_t>(symbols_.size());
    symbols_.push_back({.first = first, .length = length, .left = at - 1, .right = -1, .id = id});
    if (at > 0) symbols_[at - 1].right = at;
  }

  // `find_join(left, right)` gives std::optional<Join>.
  template <class FindJoin>
  void run(const FindJoin& find_join) {
    offers_.clear();
    offers_.reserve(symbols_.size());
    for (std::size_t at = 1; at < symbols_.size(); ++at) {
      offer(static_cast<std::int32_t>(at) - 1, static_cast<std::int32_t>(at), find_join);
    }
    while (!offers_.empty()) {
      std::pop_heap(offers_.begin(), offers_.end(), later);
      const Offer best = offers_.back();
      offers_.pop_back();
      if (is_stale(best)) continue;
      join(best);
      offer(symbols_[best.left].left, best.left, find_join);
      offer(best.left, symbols_[best.left].right, find_join);
    }
  }

  // What is left, from left to right.
  template <class Visit>
  void each(const Visit& visit) const {
    for (std::int32_t at = symbols_.empty() ? -1 : 0; at >= 0; at = symbols_[at].right) {
      visit(symbols_[at]);
    }
  }

 private:
  struct Offer {
    Join into;
    std::int32_t left, right;
    std::uint32_t length;  // of both together when it was made
  };
  static bool later(const Offer& a, const Offer& b) {
    return a.into.cost != b.into.cost ? a.into.cost > b.into.cost : a.left > b.left;
  }

  template <class FindJoin>
  void offer(std::int32_t left, std::int32_t right, const FindJoin& find_join) {
    if (left < 0 || right < 0) return;
    const std::optional<Join> into = find_join(symbols_[left], symbols_[right]);
    if (!into) return;
    offers_.push_back({.into = *into,
                       .left = left,
                       .right = right,
                       .length = symbols_[left].length + symbols_[right].length});
    std::push_heap(offers_.begin(), offers_.end(), later);
  }

  // A symbol only grows, and its start stays: while both live side by side, equal lengths mean that
  // neither has changed.
  [[nodiscard]] bool is_stale(const Offer& made) const {
    const Symbol& left = symbols_[made.left];
    const Symbol& right = symbols_[made.right];
    return left.length == 0 || right.length == 0 || left.length + right.length != made.length;
  }

  void join(const Offer& best) {
    Symbol& left = symbols_[best.left];
    Symbol& right = symbols_[best.right];
    left.length += right.length;
    left.id = best.into.id;
    left.right = right.right;
    if (right.right >= 0) symbols_[right.right].left = best.left;
    right.length = 0;
  }

  std::vector<Symbol> symbols_;
  std::vector<Offer> offers_;  // a heap, the best at its root
};

}  // namespace dramatis::tokens::internal
