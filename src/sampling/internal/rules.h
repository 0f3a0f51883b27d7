// A grammar as its writer thinks of it: rules made of texts, sets, sequences, choices.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "sampling/internal/code_points.h"

namespace dramatis::sampling::internal {

constexpr std::size_t kForever = std::numeric_limits<std::size_t>::max();

// What a piece of text may be.
struct Expression {
  enum class Kind {
    kText,      // exactly `text`
    kSet,       // one code point of `set`
    kRule,      // what the rule with the number `rule` says
    kSequence,  // `parts`, one after the other; none: the empty text
    kChoice,    // one of `parts`
    kRepeat,    // the one part, `least` to `most` times
  };
  Kind kind = Kind::kSequence;
  std::string text{};
  CodePointSet set{};
  std::size_t rule = 0;
  std::size_t least = 0;
  std::size_t most = 0;  // kForever: without end
  std::vector<Expression> parts{};
};

struct Rule {
  std::string name;  // for people
  Expression body;
};

// The first is the one that a whole text must follow.
using Rules = std::vector<Rule>;

inline Expression text(std::string_view exactly) {
  return {.kind = Expression::Kind::kText, .text = std::string(exactly)};
}
inline Expression one_of(std::vector<CodePointRange> ranges) {
  return {.kind = Expression::Kind::kSet, .set = CodePointSet(std::move(ranges))};
}
inline Expression none_of(std::vector<CodePointRange> ranges) {
  return {.kind = Expression::Kind::kSet, .set = CodePointSet(std::move(ranges)).negated()};
}
inline Expression rule(std::size_t number) {
  return {.kind = Expression::Kind::kRule, .rule = number};
}
inline Expression sequence(std::vector<Expression> parts) {
  return {.kind = Expression::Kind::kSequence, .parts = std::move(parts)};
}
inline Expression choice(std::vector<Expression> parts) {
  return {.kind = Expression::Kind::kChoice, .parts = std::move(parts)};
}
inline Expression repeat(Expression part, std::size_t least, std::size_t most) {
  Expression made{.kind = Expression::Kind::kRepeat, .least = least, .most = most};
  made.parts.push_back(std::move(part));
  return made;
}
inline Expression optional(Expression part) {
  return repeat(std::move(part), 0, 1);
}

// Refuses a rule that can begin with itself before a letter was read, a rule that never ends, and a
// grammar that allows no letter at all; each by its name. Checked: rule numbers are in range.
// Errors: kInvalidArgument.
[[nodiscard]] Status check_rules(const Rules& rules);

}  // namespace dramatis::sampling::internal
