// Built from behind: what follows an expression exists before the expression does.
#include "sampling/internal/compile.h"

#include <bitset>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include "sampling/limits.h"

namespace dramatis::sampling::internal {
namespace {

using Kind = Expression::Kind;
using NodeId = std::uint32_t;

// A repeated part of one byte is copied; a longer one becomes a rule that is called.
bool is_one_byte(const Expression& part) {
  if (part.kind == Kind::kText) return part.text.size() == 1;
  return part.kind == Kind::kSet && !part.set.empty() && part.set.ranges().back().last < 0x80;
}

class Compiler {
 public:
  Compiler(const Rules& rules, std::size_t max_depth) : rules_(rules) {
    made_.starts.resize(rules.size());
    made_.max_depth = max_depth;
  }

  Result<Grammar> run() && {
    for (std::size_t n = 0; n < rules_.size(); ++n) {
      DRAMATIS_TRY(const NodeId start,
                   build(rules_[n].body, add({.kind = Grammar::Kind::kReturn})));
      made_.starts[n] = start;
    }
    if (made_.nodes.size() > kMaxGrammarNodes) return too_large();
    classify();
    return std::move(made_);
  }

 private:
  static tl::unexpected<Error> too_large() {
    return fail(
        ErrorCode::kOverBudget,
        fmt::format("The grammar would have more than {} nodes. Repeat less, or shorten its "
                    "enumerations.",
                    kMaxGrammarNodes));
  }

  NodeId add(Grammar::Node node) {
    made_.nodes.push_back(node);
    return static_cast<NodeId>(made_.nodes.size() - 1);
  }
  NodeId branch(const std::vector<NodeId>& to) {
    const NodeId made = add({.kind = Grammar::Kind::kBranch});
    set_branches(made, to);
    return made;
  }
  void set_branches(NodeId node, const std::vector<NodeId>& to) {
    made_.nodes[node].first = static_cast<std::uint32_t>(made_.branches.size());
    made_.nodes[node].count = static_cast<std::uint32_t>(to.size());
    made_.branches.insert(made_.branches.end(), to.begin(), to.end());
  }
  NodeId bytes(const std::vector<Grammar::Edge>& edges) {
    const auto first = static_cast<std::uint32_t>(made_.edges.size());
    made_.edges.insert(made_.edges.end(), edges.begin(), edges.end());
    return add({.kind = Grammar::Kind::kBytes,
                .first = first,
                .count = static_cast<std::uint32_t>(edges.size())});
  }
  NodeId call(std::size_t rule, NodeId next) {
    return add(
        {.kind = Grammar::Kind::kCall, .rule = static_cast<std::uint32_t>(rule), .next = next});
  }

  // The node at which `expression` begins, after which `next` follows.
  Result<NodeId> build(const Expression& expression, NodeId next) {
    if (made_.nodes.size() > kMaxGrammarNodes) return too_large();
    switch (expression.kind) {
      case Kind::kText:
        return build_text(expression.text, next);
      case Kind::kSet:
        return build_set(expression.set, next);
      case Kind::kRule:
        return call(expression.rule, next);
      case Kind::kSequence:
        return build_sequence(expression.parts, next);
      case Kind::kChoice:
        return build_choice(expression.parts, next);
      case Kind::kRepeat:
        return build_repeat(expression, next);
    }
    return fail(ErrorCode::kInternal, "An expression of no known kind.");
  }

  NodeId build_text(std::string_view text, NodeId next) {
    for (std::size_t n = text.size(); n > 0; --n) {
      const auto byte = static_cast<std::uint8_t>(text[n - 1]);
      next = bytes({{byte, byte, next}});
    }
    return next;
  }

  // Sequences that end alike share their ends.
  NodeId build_set(const CodePointSet& set, NodeId next) {
    std::map<std::tuple<std::uint8_t, std::uint8_t, NodeId>, NodeId> ends;
    std::vector<Grammar::Edge> first_bytes;
    for (const auto& sequence : byte_sequences(set)) {
      NodeId to = next;
      for (std::size_t n = sequence.length; n > 1; --n) {
        const auto [first, last] = sequence.ranges[n - 1];
        const auto [found, is_new] = ends.try_emplace({first, last, to}, 0);
        if (is_new) found->second = bytes({{first, last, to}});
        to = found->second;
      }
      first_bytes.push_back({sequence.ranges[0].first, sequence.ranges[0].last, to});
    }
    return bytes(first_bytes);
  }

  Result<NodeId> build_sequence(const std::vector<Expression>& parts, NodeId next) {
    for (std::size_t n = parts.size(); n > 0; --n) {
      DRAMATIS_TRY(next, build(parts[n - 1], next));
    }
    return next;
  }

  Result<NodeId> build_choice(const std::vector<Expression>& parts, NodeId next) {
    if (parts.size() > kMaxPlaces) {
      return fail(ErrorCode::kOverBudget,
                  fmt::format("The grammar has {} alternatives at one place; at most {} are read.",
                              parts.size(), kMaxPlaces));
    }
    std::vector<NodeId> to;
    for (const auto& part : parts) {
      DRAMATIS_TRY(const NodeId start, build(part, next));
      to.push_back(start);
    }
    return to.size() == 1 ? to.front() : branch(to);
  }

  Result<NodeId> build_repeat(const Expression& expression, NodeId next) {
    const Expression& part = expression.parts.front();
    const std::size_t most = expression.most;
    const bool endless = most == kForever;
    const bool is_copied = is_one_byte(part) || (endless ? expression.least == 0 : most == 1);
    std::size_t rule = 0;
    if (!is_copied) {
      rule = made_.starts.size();
      made_.starts.push_back(0);
      DRAMATIS_TRY(const NodeId start, build(part, add({.kind = Grammar::Kind::kReturn})));
      made_.starts[rule] = start;
    }
    const auto copy = [&](NodeId after) -> Result<NodeId> {
      if (made_.nodes.size() > kMaxGrammarNodes) return too_large();
      return is_copied ? build(part, after) : Result<NodeId>(call(rule, after));
    };
    NodeId at = next;
    if (endless) {
      at = add({.kind = Grammar::Kind::kBranch});
      DRAMATIS_TRY(const NodeId again, copy(at));
      set_branches(at, {again, next});
    }
    for (std::size_t n = expression.least; !endless && n < most; ++n) {
      DRAMATIS_TRY(const NodeId once_more, copy(at));
      at = branch({once_more, next});
    }
    for (std::size_t n = 0; n < expression.least; ++n) {
      DRAMATIS_TRY(at, copy(at));
    }
    return at;
  }

  // Cuts the bytes wherever an edge begins or ends.
  void classify() {
    std::bitset<257> begins;
    for (const auto& edge : made_.edges) {
      begins.set(edge.first);
      begins.set(edge.last + std::size_t{1});
    }
    std::uint8_t current = 0;
    for (std::size_t byte = 0; byte < 256; ++byte) {
      if (byte > 0 && begins[byte]) ++current;
      if (byte == 0 || begins[byte]) made_.example_of.push_back(static_cast<std::uint8_t>(byte));
      made_.class_of[byte] = current;
    }
  }

  const Rules& rules_;
  Grammar made_;
};

}  // namespace

Result<Grammar> compile(const Rules& rules, std::size_t max_depth) {
  if (rules.size() > kMaxGrammarRules) {
    return fail(ErrorCode::kOverBudget,
                fmt::format("The grammar has {} rules; at most {} are read.", rules.size(),
                            kMaxGrammarRules));
  }
  DRAMATIS_DO(check_rules(rules));
  return Compiler(rules, max_depth).run();
}

}  // namespace dramatis::sampling::internal
