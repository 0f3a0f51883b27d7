// For tests and benchmarks: the same answers as Matcher and TokenTrie, in the plainest way. Stacks
// are lists, nothing is shared, nothing is remembered, every token is tried by itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "sampling/grammar.h"
#include "sampling/token_mask.h"

namespace dramatis::sampling::testing {

// Where one reading of a text stands: the node, and the nodes that follow when rules return, the
// innermost last.
struct Reading {
  std::uint32_t node;
  std::vector<std::uint32_t> returns;
  friend auto operator<=>(const Reading&, const Reading&) = default;
};
// All readings that wait for a byte.
struct Readings {
  std::set<Reading> waiting;
  bool may_end = false;
};

inline Readings spread(const Grammar& grammar, std::vector<Reading> open) {
  Readings made;
  std::set<Reading> seen;
  while (!open.empty()) {
    Reading at = open.back();
    open.pop_back();
    if (!seen.insert(at).second) continue;
    const auto& node = grammar.nodes[at.node];
    if (node.kind == Grammar::Kind::kBytes) {
      made.waiting.insert(at);
    } else if (node.kind == Grammar::Kind::kBranch) {
      for (std::uint32_t n = 0; n < node.count; ++n)
        open.push_back({grammar.branches[node.first + n], at.returns});
    } else if (node.kind == Grammar::Kind::kCall) {
      // A call with nothing after it takes no depth: the limit counts what must be returned to.
      Reading called{grammar.starts[node.rule], at.returns};
      if (grammar.nodes[node.next].kind != Grammar::Kind::kReturn) {
        if (at.returns.size() >= grammar.max_depth) continue;
        called.returns.push_back(node.next);
      }
      open.push_back(std::move(called));
    } else if (at.returns.empty()) {
      made.may_end = true;
    } else {
      at.node = at.returns.back();
      at.returns.pop_back();
      open.push_back(std::move(at));
    }
  }
  return made;
}

inline Readings begin(const Grammar& grammar) {
  return spread(grammar, {{grammar.starts.front(), {}}});
}

inline Readings after(const Grammar& grammar, Readings at, std::string_view bytes) {
  for (const char letter : bytes) {
    const auto byte = static_cast<std::uint8_t>(letter);
    std::vector<Reading> open;
    for (const auto& reading : at.waiting) {
      const auto& node = grammar.nodes[reading.node];
      for (std::uint32_t n = node.first; n < node.first + node.count; ++n) {
        const auto& edge = grammar.edges[n];
        if (edge.first <= byte && byte <= edge.last) open.push_back({edge.to, reading.returns});
      }
    }
    at = spread(grammar, std::move(open));
    if (at.waiting.empty() && !at.may_end) break;
  }
  return at;
}

inline bool is_allowed(const Readings& at) {
  return at.may_end || !at.waiting.empty();
}

inline TokenMask mask(const Grammar& grammar, const Readings& at,
                      std::span<const std::string_view> tokens, std::span<const TokenId> ends) {
  TokenMask made(tokens.size());
  for (std::size_t n = 0; n < tokens.size(); ++n) {
    if (!tokens[n].empty() && is_allowed(after(grammar, at, tokens[n])))
      made.add(static_cast<TokenId>(n));
  }
  if (at.may_end) {
    for (const auto id : ends) made.add(id);
  }
  return made;
}

}  // namespace dramatis::sampling::testing
