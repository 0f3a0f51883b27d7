// Which rules may be empty, which come to an end, and which stand at their own beginning.
#include <algorithm>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "base/check.h"
#include "sampling/internal/rules.h"

namespace dramatis::sampling::internal {
namespace {

using Kind = Expression::Kind;
using Known = std::vector<bool>;  // by rule

// Whether an expression may be the empty text, when the rules in `known` may.
bool may_be_empty(const Expression& expression, const Known& known) {
  const auto part_may = [&](const Expression& part) { return may_be_empty(part, known); };
  switch (expression.kind) {
    case Kind::kText:
      return expression.text.empty();
    case Kind::kSet:
      return false;
    case Kind::kRule:
      return known[expression.rule];
    case Kind::kSequence:
      return std::ranges::all_of(expression.parts, part_may);
    case Kind::kChoice:
      return std::ranges::any_of(expression.parts, part_may);
    case Kind::kRepeat:
      return expression.least == 0 || part_may(expression.parts.front());
  }
  return false;
}

bool ends(const Expression& expression, const Known& known) {
  const auto part_ends = [&](const Expression& part) { return ends(part, known); };
  switch (expression.kind) {
    case Kind::kText:
      return true;
    case Kind::kSet:
      return !expression.set.empty();
    case Kind::kRule:
      return known[expression.rule];
    case Kind::kSequence:
      return std::ranges::all_of(expression.parts, part_ends);
    case Kind::kChoice:
      return std::ranges::any_of(expression.parts, part_ends);
    case Kind::kRepeat:
      return expression.least == 0 || part_ends(expression.parts.front());
  }
  return false;
}

bool has_letters(const Expression& expression, const Known& known) {
  const auto part_has = [&](const Expression& part) { return has_letters(part, known); };
  switch (expression.kind) {
    case Kind::kText:
      return !expression.text.empty();
    case Kind::kSet:
      return true;
    case Kind::kRule:
      return known[expression.rule];
    case Kind::kRepeat:
      return expression.most > 0 && part_has(expression.parts.front());
    case Kind::kSequence:
    case Kind::kChoice:
      return std::ranges::any_of(expression.parts, part_has);
  }
  return false;
}

// The least set of rules of which `holds` is true: grown until nothing is added.
template <class Property>
Known least_set(const Rules& rules, Property holds) {
  Known known(rules.size(), false);
  for (bool grew = true; grew;) {
    grew = false;
    for (std::size_t back = rules.size(); back > 0; --back) {
      const std::size_t n = back - 1;  // what a rule uses is mostly defined after it
      if (known[n] || !holds(rules[n].body, known)) continue;
      known[n] = true;
      grew = true;
    }
  }
  return known;
}

// The rules with which an expression may begin before any letter.
void add_beginnings(const Expression& expression, const Known& empty, std::set<std::size_t>& out) {
  switch (expression.kind) {
    case Kind::kText:
    case Kind::kSet:
      return;
    case Kind::kRule:
      out.insert(expression.rule);
      return;
    case Kind::kRepeat:
    case Kind::kChoice:
      for (const auto& part : expression.parts) add_beginnings(part, empty, out);
      return;
    case Kind::kSequence:
      for (const auto& part : expression.parts) {
        add_beginnings(part, empty, out);
        if (!may_be_empty(part, empty)) return;
      }
      return;
  }
}

// A rule that reaches itself through beginnings, or rules.size(). Kahn 1962: what is left when
// rules without beginnings are taken away again and again lies on a circle or leads to one.
std::size_t find_left_recursion(const Rules& rules, const Known& empty) {
  std::vector<std::set<std::size_t>> begins(rules.size());
  std::vector<std::vector<std::size_t>> begun_by(rules.size());
  for (std::size_t n = 0; n < rules.size(); ++n) {
    add_beginnings(rules[n].body, empty, begins[n]);
    for (const auto first : begins[n]) begun_by[first].push_back(n);
  }
  std::vector<std::size_t> open(rules.size());
  std::vector<std::size_t> free;
  for (std::size_t n = 0; n < rules.size(); ++n) {
    open[n] = begins[n].size();
    if (open[n] == 0) free.push_back(n);
  }
  while (!free.empty()) {
    const auto done = free.back();
    free.pop_back();
    for (const auto n : begun_by[done]) {
      if (--open[n] == 0) free.push_back(n);
    }
  }
  std::size_t n = 0;
  while (n < rules.size() && open[n] == 0) ++n;
  if (n == rules.size()) return n;
  // Every rule left begins with another that is left: after as many steps the circle is reached.
  for (std::size_t step = 0; step < rules.size(); ++step)
    n = *std::ranges::find_if(begins[n], [&](std::size_t first) { return open[first] != 0; });
  return n;
}

// The first rule in an expression that is not in `ended`, or nothing.
std::optional<std::size_t> first_endless(const Expression& expression, const Known& ended) {
  if (expression.kind == Kind::kRule && !ended[expression.rule]) return expression.rule;
  for (const auto& part : expression.parts) {
    if (const auto found = first_endless(part, ended)) return found;
  }
  return std::nullopt;
}

// Of the rules without an end, one that leads back to itself: what uses it is not to blame.
std::size_t find_circle(const Rules& rules, const Known& ended, std::size_t begin) {
  std::size_t at = begin;
  for (std::size_t step = 0; step < rules.size(); ++step)
    at = first_endless(rules[at].body, ended).value_or(at);
  return at;
}

}  // namespace

Status check_rules(const Rules& rules) {
  DRAMATIS_CHECK(!rules.empty());
  const Known empty = least_set(rules, may_be_empty);
  const auto circle = find_left_recursion(rules, empty);
  if (circle < rules.size()) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("The rule '{}' begins with itself (left recursion), so that nothing "
                            "could ever match. Write the repetition with * or +, or put what comes "
                            "first before '{}'.",
                            rules[circle].name, rules[circle].name));
  }
  const Known ended = least_set(rules, ends);
  for (std::size_t n = 0; n < rules.size(); ++n) {
    if (ended[n]) continue;
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("The rule '{}' has no end: each of its alternatives leads back to it. "
                            "Add one that does not.",
                            rules[find_circle(rules, ended, n)].name));
  }
  if (!least_set(rules, has_letters).front()) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("The rule '{}' allows no letter at all: every reply would be empty.",
                            rules.front().name));
  }
  return {};
}

}  // namespace dramatis::sampling::internal
