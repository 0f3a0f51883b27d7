// Source: RFC 8259; narrower where small models would lose themselves (white space) or others could
// not read what comes out (surrogates, infinite numbers).
#include "sampling/internal/json_rules.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/check.h"
#include "text/utf8.h"

namespace dramatis::sampling::internal {
namespace {

constexpr std::size_t kMaxIndentation = 16;
constexpr std::size_t kMaxDigits = 16;

// What a string must escape.
const std::vector<CodePointRange> kEscaped = {{0, 0x1F}, {'"', '"'}, {'\\', '\\'}};

Expression digits(std::size_t least, std::size_t most) {
  return repeat(one_of({{'0', '9'}}), least, most);
}
Expression hex(std::size_t count) {
  return repeat(one_of({{'0', '9'}, {'A', 'F'}, {'a', 'f'}}), count, count);
}
Expression separated(Expression item) {
  auto more = repeat(sequence({text(","), rule(JsonRule::kSpace), item}), 0, kForever);
  return optional(sequence({std::move(item), std::move(more), rule(JsonRule::kSpace)}));
}

Expression between(std::string_view low, std::string_view high);

// `digit` and then anything from `low` to `high`, which are of one length.
Expression digit_then(char digit, std::string_view low, std::string_view high) {
  return sequence({text(std::string_view(&digit, 1)), between(low, high)});
}

// Numbers of one length from `low` to `high`, as digits.
Expression between(std::string_view low, std::string_view high) {
  if (low.empty()) return text("");
  const auto rest = low.size() - 1;
  const std::string zeros(rest, '0');
  const std::string nines(rest, '9');
  if (low[0] == high[0]) return digit_then(low[0], low.substr(1), high.substr(1));
  std::vector<Expression> parts;
  char first = low[0];  // digits after which everything follows
  char last = high[0];
  if (low.substr(1) != zeros) parts.push_back(digit_then(first++, low.substr(1), nines));
  if (high.substr(1) != nines) parts.push_back(digit_then(last--, zeros, high.substr(1)));
  if (first <= last) {
    parts.push_back(sequence({one_of({{static_cast<char32_t>(first), static_cast<char32_t>(last)}}),
                              digits(rest, rest)}));
  }
  return parts.size() == 1 ? std::move(parts.front()) : choice(std::move(parts));
}

// Numbers from `low` to `high` that are not negative, one alternative for each length.
void add_natural(std::uint64_t low, std::uint64_t high, const std::string& sign,
                 std::vector<Expression>& out) {
  std::uint64_t power = 1;  // the smallest of its length, but for 0
  for (;;) {
    const std::uint64_t largest = power * 10 - 1;
    const std::uint64_t from = std::max(low, power == 1 ? 0 : power);
    const std::uint64_t to = std::min(high, largest);
    if (from <= to)
      out.push_back(
          sequence({text(sign), between(fmt::format("{}", from), fmt::format("{}", to))}));
    if (high <= largest) return;
    power *= 10;
  }
}

using Letters = std::u32string;

// What may follow in a key whose beginning is shared by `taken`, then the closing quote.
Expression key_rest(const std::vector<Letters>& taken, std::size_t depth) {
  std::map<char32_t, std::vector<Letters>> next;
  bool is_taken = false;
  for (const auto& name : taken) {
    if (name.size() == depth) {
      is_taken = true;
    } else {
      next[name[depth]].push_back(name);
    }
  }
  std::vector<CodePointRange> not_free = kEscaped;
  std::vector<Expression> parts;
  for (const auto& [letter, names] : next) {
    not_free.push_back({letter, letter});
    parts.push_back(sequence({one_of({{letter, letter}}), key_rest(names, depth + 1)}));
  }
  parts.push_back(
      sequence({none_of(not_free), repeat(none_of(kEscaped), 0, kForever), text("\"")}));
  if (!is_taken) parts.push_back(text("\""));
  return choice(std::move(parts));
}

bool needs_escape(char32_t letter) {
  return letter < 0x20 || letter == '"' || letter == '\\';
}

}  // namespace

Expression json_character() {
  auto unicode = choice(
      {sequence({one_of({{'0', '9'}, {'A', 'C'}, {'E', 'F'}, {'a', 'c'}, {'e', 'f'}}), hex(3)}),
       sequence({one_of({{'D', 'D'}, {'d', 'd'}}), one_of({{'0', '7'}}), hex(2)})});
  auto escape = choice({one_of({{'"', '"'},
                                {'\\', '\\'},
                                {'/', '/'},
                                {'b', 'b'},
                                {'f', 'f'},
                                {'n', 'n'},
                                {'r', 'r'},
                                {'t', 't'}}),
                        sequence({text("u"), std::move(unicode)})});
  return choice({none_of(kEscaped), sequence({text("\\"), std::move(escape)})});
}

Expression json_number(bool may_be_negative) {
  auto whole = choice({text("0"), sequence({one_of({{'1', '9'}}), digits(0, kMaxDigits - 1)})});
  auto fraction = optional(sequence({text("."), digits(1, kMaxDigits)}));
  auto exponent = optional(sequence({one_of({{'e', 'e'}, {'E', 'E'}}),
                                     optional(one_of({{'+', '+'}, {'-', '-'}})), digits(1, 2)}));
  auto number = sequence({std::move(whole), std::move(fraction), std::move(exponent)});
  if (!may_be_negative) return number;
  return sequence({optional(text("-")), std::move(number)});
}

Expression json_integer(std::int64_t low, std::int64_t high) {
  DRAMATIS_CHECK(low <= high && low >= -kLargestInteger && high <= kLargestInteger);
  std::vector<Expression> parts;
  if (high >= 0)
    add_natural(static_cast<std::uint64_t>(std::max<std::int64_t>(low, 0)),
                static_cast<std::uint64_t>(high), "", parts);
  if (low < 0)
    add_natural(static_cast<std::uint64_t>(std::max<std::int64_t>(-high, 1)),
                static_cast<std::uint64_t>(-low), "-", parts);
  return choice(std::move(parts));
}

Expression json_key_except(const std::vector<std::string>& taken) {
  std::vector<Letters> letters;
  for (const auto& name : taken) {
    Letters made;
    std::string_view rest = name;
    while (!rest.empty()) {
      const auto point = text::first_code_point(rest);
      made += point.value;
      rest.remove_prefix(std::max<std::size_t>(point.length, 1));
    }
    // A key that needs an escape is written with one: no key without escapes equals it.
    if (std::ranges::none_of(made, needs_escape)) letters.push_back(std::move(made));
  }
  return sequence({text("\""), key_rest(letters, 0)});
}

Rules json_rules() {
  const auto space = JsonRule::kSpace;
  Rules rules(9);
  rules[0].name = "root";
  auto indentation = repeat(one_of({{' ', ' '}, {'\t', '\t'}}), 0, kMaxIndentation);
  rules[JsonRule::kSpace] = {
      "space", optional(choice({text(" "), sequence({text("\n"), std::move(indentation)})}))};
  rules[JsonRule::kString] = {
      "string", sequence({text("\""), repeat(json_character(), 0, kForever), text("\"")})};
  rules[JsonRule::kNumber] = {"number", json_number(true)};
  rules[JsonRule::kInteger] = {"integer", json_integer(-kLargestInteger, kLargestInteger)};
  rules[JsonRule::kValue] = {
      "value", choice({rule(JsonRule::kObject), rule(JsonRule::kArray), rule(JsonRule::kString),
                       rule(JsonRule::kNumber), text("true"), text("false"), text("null")})};
  rules[JsonRule::kObject] = {
      "object", sequence({text("{"), rule(space), separated(rule(JsonRule::kMember)), text("}")})};
  rules[JsonRule::kMember] = {"member", sequence({rule(JsonRule::kString), text(":"), rule(space),
                                                  rule(JsonRule::kValue)})};
  rules[JsonRule::kArray] = {
      "array", sequence({text("["), rule(space), separated(rule(JsonRule::kValue)), text("]")})};
  return rules;
}

}  // namespace dramatis::sampling::internal
