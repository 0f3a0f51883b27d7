// GBNF -> rules: a reader that never goes back, and errors that say where.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "lm/limits.h"
#include "sampling/grammar.h"
#include "sampling/internal/compile.h"
#include "sampling/limits.h"
#include "text/utf8.h"

namespace dramatis::sampling {
namespace {

using internal::CodePointRange;
using internal::Expression;
using internal::kForever;

bool is_name_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

enum class Newlines { kEndARule, kAreSpace };

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Result<internal::Rules> run() && {
    // The first rule is the one that the text follows, wherever it stands.
    number_of("root", 0);
    DRAMATIS_DO(skip_space(Newlines::kAreSpace));
    while (at_ < text_.size()) {
      DRAMATIS_DO(read_rule());
      DRAMATIS_DO(skip_space(Newlines::kAreSpace));
    }
    DRAMATIS_DO(check_defined());
    return std::move(rules_);
  }

 private:
  struct Seen {
    std::size_t number;
    std::size_t first_use;  // byte
    bool is_defined;
  };

  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }

  // "line 3, column 7" of a byte; columns count code points.
  [[nodiscard]] std::string place(std::size_t byte) const {
    const auto before = text_.substr(0, byte);
    const auto line = 1 + std::ranges::count(before, '\n');
    const auto begin = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
    const auto column = 1 + std::ranges::count_if(before.substr(begin), [](char c) {
                          return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
                        });
    return fmt::format("Line {}, column {} of the grammar", line, column);
  }
  [[nodiscard]] tl::unexpected<Error> wrong(std::size_t byte, std::string_view what,
                                            ErrorCode code = ErrorCode::kInvalidArgument) const {
    return fail(code, fmt::format("{}: {}", place(byte), what));
  }

  // White space and comments.
  Status skip_space(Newlines newlines) {
    for (; !at_end(); ++at_) {
      const char c = peek();
      if (c == '#') {
        while (!at_end() && peek() != '\n' && peek() != '\r') ++at_;
        if (at_end()) return {};
      }
      const bool ends_line = peek() == '\n' || peek() == '\r';
      if (ends_line && newlines == Newlines::kEndARule) return {};
      if (!ends_line && peek() != ' ' && peek() != '\t') return {};
    }
    return {};
  }

  std::size_t number_of(std::string_view name, std::size_t used_at) {
    const auto [found, is_new] =
        seen_.try_emplace(std::string(name), Seen{rules_.size(), used_at, false});
    if (is_new) rules_.push_back({.name = std::string(name), .body = {}});
    return found->second.number;
  }

  std::string_view read_name() {
    const auto begin = at_;
    while (is_name_letter(peek())) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  Status read_rule() {
    const auto begin = at_;
    const auto name = read_name();
    if (name.empty())
      return wrong(begin, "a rule begins with its name, of letters, digits, - and _.");
    const auto number = number_of(name, begin);
    if (rules_.size() > kMaxGrammarRules) return too_many_rules(begin);
    auto& seen = seen_.find(std::string(name))->second;
    if (seen.is_defined)
      return wrong(begin, fmt::format("the rule '{}' is defined twice. Join both with |.", name));
    seen.is_defined = true;
    DRAMATIS_DO(skip_space(Newlines::kEndARule));
    if (text_.substr(at_, 3) != "::=")
      return wrong(at_, fmt::format("::= must follow the name '{}'.", name));
    at_ += 3;
    DRAMATIS_DO(skip_space(Newlines::kAreSpace));
    DRAMATIS_TRY(auto body, read_choice(Newlines::kEndARule, 0));
    rules_[number].body = std::move(body);
    if (!at_end() && peek() != '\n' && peek() != '\r')
      return wrong(at_, peek() == ')' ? "this ) closes nothing. Remove it."
                                      : "a rule ends with its line. Put the next one on its own.");
    return {};
  }

  [[nodiscard]] tl::unexpected<Error> too_many_rules(std::size_t byte) const {
    return wrong(byte, fmt::format("more than {} rules.", kMaxGrammarRules),
                 ErrorCode::kOverBudget);
  }

  Result<Expression> read_choice(Newlines newlines, std::size_t depth) {
    std::vector<Expression> parts;
    for (;;) {
      DRAMATIS_TRY(auto part, read_sequence(newlines, depth));
      parts.push_back(std::move(part));
      if (peek() != '|') break;
      ++at_;
      DRAMATIS_DO(skip_space(Newlines::kAreSpace));
    }
    return parts.size() == 1 ? std::move(parts.front()) : internal::choice(std::move(parts));
  }

  Result<Expression> read_sequence(Newlines newlines, std::size_t depth) {
    std::vector<Expression> parts;
    for (;;) {
      const char c = peek();
      if (at_end() || c == '|' || c == ')' || c == '\n' || c == '\r') break;
      DRAMATIS_TRY(auto part, read_symbol(depth));
      DRAMATIS_TRY(auto counted, read_count(std::move(part)));
      parts.push_back(std::move(counted));
      DRAMATIS_DO(skip_space(newlines));
    }
    return parts.size() == 1 ? std::move(parts.front()) : internal::sequence(std::move(parts));
  }

  Result<Expression> read_symbol(std::size_t depth) {
    const auto begin = at_;
    switch (peek()) {
      case '"':
        return read_text();
      case '[':
        return read_set();
      case '(':
        return read_group(depth + 1);
      case '.':
        ++at_;
        return internal::none_of({});
      case '<':
      case '!':
        return wrong(begin,
                     "whole tokens (<name>, !<name>) are not supported. Write their letters.",
                     ErrorCode::kUnsupported);
      case '*':
      case '+':
      case '?':
      case '{':
        return wrong(begin, fmt::format("{} has nothing before it to repeat.", peek()));
      default:
        break;
    }
    const auto name = read_name();
    if (name.empty())
      return wrong(begin,
                   "a text in \"\", a set in [], a group in () or a rule's name must stand here.");
    const auto number = number_of(name, begin);
    if (rules_.size() > kMaxGrammarRules) return too_many_rules(begin);
    return internal::rule(number);
  }

  Result<Expression> read_group(std::size_t depth) {
    const auto begin = at_++;
    if (depth > kMaxGroupDepth)
      return wrong(
          begin,
          fmt::format("groups stand more than {} deep. Give inner ones a rule.", kMaxGroupDepth),
          ErrorCode::kOverBudget);
    DRAMATIS_DO(skip_space(Newlines::kAreSpace));
    DRAMATIS_TRY(auto body, read_choice(Newlines::kAreSpace, depth));
    if (peek() != ')' || at_end()) return wrong(begin, "this ( is never closed. Add a ).");
    ++at_;
    return body;
  }

  Result<Expression> read_text() {
    const auto begin = at_++;
    std::string exactly;
    while (peek() != '"' || at_end()) {
      if (at_end() || peek() == '\n') return wrong(begin, "this \" is never closed. Add one.");
      DRAMATIS_TRY(const char32_t letter, read_letter());
      text::append_utf8(letter, exactly);
    }
    ++at_;
    return internal::text(exactly);
  }

  Result<Expression> read_set() {
    const auto begin = at_++;
    const bool is_negated = peek() == '^';
    if (is_negated) ++at_;
    std::vector<CodePointRange> ranges;
    while (peek() != ']' || at_end()) {
      if (at_end() || peek() == '\n') return wrong(begin, "this [ is never closed. Add a ].");
      const auto from = at_;
      DRAMATIS_TRY(const char32_t first, read_letter());
      char32_t last = first;
      if (peek() == '-' && peek(1) != ']' && at_ + 1 < text_.size()) {
        ++at_;
        DRAMATIS_TRY(last, read_letter());
      }
      if (last < first) return wrong(from, "this range runs backwards. Swap its ends.");
      ranges.push_back({first, last});
    }
    ++at_;
    if (ranges.empty()) return wrong(begin, "this set is empty. Name what it holds.");
    auto made =
        is_negated ? internal::none_of(std::move(ranges)) : internal::one_of(std::move(ranges));
    if (made.set.empty()) return wrong(begin, "this set leaves no letter.");
    return made;
  }

  // A code point as it stands, or as an escape.
  Result<char32_t> read_letter() {
    if (peek() != '\\') {
      const auto point = text::first_code_point(text_.substr(at_));
      at_ += std::max<std::size_t>(point.length, 1);
      return point.value;
    }
    const auto begin = at_;
    const char kind = peek(1);
    at_ = std::min(at_ + 2, text_.size());
    switch (kind) {
      case 'n':
        return U'\n';
      case 'r':
        return U'\r';
      case 't':
        return U'\t';
      case '\\':
      case '"':
      case '[':
      case ']':
        return static_cast<char32_t>(kind);
      case 'x':
        return read_hex(begin, 2);
      case 'u':
        return read_hex(begin, 4);
      case 'U':
        return read_hex(begin, 8);
      default:
        return wrong(
            begin,
            "no such escape; there are \\n \\r \\t \\\\ \\\" \\[ \\] \\xHH \\uHHHH \\UHHHHHHHH.");
    }
  }

  Result<char32_t> read_hex(std::size_t begin, std::size_t digits) {
    std::uint64_t value = 0;
    for (std::size_t n = 0; n < digits; ++n, ++at_) {
      const char c = peek();
      const char lower = static_cast<char>(c | 0x20);
      const bool is_letter = lower >= 'a' && lower <= 'f';
      if (!is_digit(c) && !is_letter)
        return wrong(begin, fmt::format("this escape needs {} hexadecimal digits.", digits));
      value = value * 16 + static_cast<std::uint64_t>(is_letter ? lower - 'a' + 10 : c - '0');
    }
    if (value > internal::kLastCodePoint || (value >= 0xD800 && value <= 0xDFFF))
      return wrong(begin,
                   "this escape names no character: half of a surrogate pair, or past U+10FFFF.");
    return static_cast<char32_t>(value);
  }

  // ? * + {m} {m,} {m,n} after a symbol, at most one.
  Result<Expression> read_count(Expression part) {
    const char c = peek();
    if (c != '?' && c != '*' && c != '+' && c != '{') return part;
    const auto begin = at_++;
    std::size_t least = c == '+' ? 1 : 0;
    std::size_t most = c == '?' ? 1 : kForever;
    if (c == '{') {
      DRAMATIS_TRY(least, read_number());
      most = least;
      if (peek() == ',') {
        ++at_;
        DRAMATIS_DO(skip_space(Newlines::kEndARule));
        most = kForever;
        if (peek() != '}') {
          DRAMATIS_TRY(most, read_number());
        }
      }
      if (peek() != '}') return wrong(at_, "a } must stand here: {m}, {m,} or {m,n}.");
      ++at_;
      if (most < least) return wrong(begin, "the second number is smaller than the first.");
    }
    const char next = peek();
    if (next == '?' || next == '*' || next == '+' || next == '{')
      return wrong(at_, "two repetitions of one thing. Put the first into ().");
    return internal::repeat(std::move(part), least, most);
  }

  Result<std::size_t> read_number() {
    DRAMATIS_DO(skip_space(Newlines::kEndARule));
    const auto begin = at_;
    std::size_t value = 0;
    for (; is_digit(peek()); ++at_) {
      value = value * 10 + static_cast<std::size_t>(peek() - '0');
      if (value > kMaxRepetitions)
        return wrong(begin,
                     fmt::format("more than {} repetitions. Write {{m,}} where there need "
                                 "be no end.",
                                 kMaxRepetitions),
                     ErrorCode::kOverBudget);
    }
    if (at_ == begin) return wrong(begin, "a number must stand here.");
    DRAMATIS_DO(skip_space(Newlines::kEndARule));
    return value;
  }

  [[nodiscard]] Status check_defined() const {
    if (!seen_.find("root")->second.is_defined)
      return fail(ErrorCode::kInvalidArgument,
                  "The grammar has no rule 'root'. Name the rule that a whole reply follows so.");
    const Seen* first = nullptr;
    std::string_view name;
    for (const auto& [key, seen] : seen_) {
      if (seen.is_defined || (first != nullptr && first->first_use < seen.first_use)) continue;
      first = &seen;
      name = key;
    }
    if (first == nullptr) return {};
    return wrong(first->first_use,
                 fmt::format("there is no rule '{}'. Define it, or correct its name.", name));
  }

  std::string_view text_;
  std::size_t at_ = 0;
  internal::Rules rules_;
  std::map<std::string, Seen, std::less<>> seen_;
};

}  // namespace

Result<Grammar> parse_gbnf(std::string_view text) {
  if (text.size() > lm::kMaxGrammarBytes) {
    return fail(ErrorCode::kOverBudget,
                fmt::format("The grammar has {} bytes; at most {} are read.", text.size(),
                            lm::kMaxGrammarBytes));
  }
  if (!text::is_valid_utf8(text))
    return fail(ErrorCode::kInvalidArgument, "The grammar is not valid UTF-8.");
  DRAMATIS_TRY(const auto rules, Reader(text).run());
  return internal::compile(rules, kMaxRuleDepth);
}

}  // namespace dramatis::sampling
