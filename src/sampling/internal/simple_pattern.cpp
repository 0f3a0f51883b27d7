// A regular expression without groups and alternatives -> the JSON strings that follow it.
#include <algorithm>

#include "sampling/internal/json_rules.h"
#include "sampling/limits.h"
#include "text/utf8.h"

namespace dramatis::sampling::internal {
namespace {

using Ranges = std::vector<CodePointRange>;

const Ranges kDigits = {{'0', '9'}};
const Ranges kWordLetters = {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};

class PatternReader {
 public:
  explicit PatternReader(std::string_view pattern) : rest_(pattern) {}

  // Nothing where the pattern is not simple.
  std::optional<Expression> run() && {
    std::vector<Expression> parts = {text("\"")};
    while (!rest_.empty()) {
      auto part = read_part();
      if (!part) return std::nullopt;
      auto counted = read_count(*std::move(part));
      if (!counted) return std::nullopt;
      parts.push_back(*std::move(counted));
    }
    parts.push_back(text("\""));
    return sequence(std::move(parts));
  }

 private:
  [[nodiscard]] char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
  bool take(char wanted) {
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }
  char32_t take_letter() {
    const auto point = text::first_code_point(rest_);
    rest_.remove_prefix(std::max<std::size_t>(point.length, 1));
    return point.value;
  }

  // Letters that stand in a string as they are; the others would need an escape and are left out.
  static std::optional<Expression> plain(const CodePointSet& wanted) {
    Ranges outside = wanted.negated().ranges();
    outside.insert(outside.end(), {{0, 0x1F}, {'"', '"'}, {'\\', '\\'}});
    auto made = none_of(std::move(outside));
    if (made.set.empty()) return std::nullopt;
    return made;
  }

  std::optional<Expression> read_part() {
    constexpr std::string_view kNotSimple = "^$()|?*+{}]";
    const char c = peek();
    if (kNotSimple.find(c) != std::string_view::npos) return std::nullopt;
    if (take('[')) return read_set();
    if (take('.')) return plain(CodePointSet({{'\n', '\n'}, {'\r', '\r'}}).negated());
    Ranges one;
    if (!read_member(one)) return std::nullopt;
    return plain(CodePointSet(std::move(one)));
  }

  std::optional<Expression> read_set() {
    const bool is_negated = take('^');
    Ranges ranges;
    while (!take(']')) {
      if (rest_.empty() || peek() == '[') return std::nullopt;
      const std::size_t before = ranges.size();
      if (!read_member(ranges)) return std::nullopt;
      const bool is_one = ranges.size() == before + 1 && ranges.back().first == ranges.back().last;
      if (rest_.size() < 2 || peek() != '-' || rest_[1] == ']') continue;
      rest_.remove_prefix(1);
      Ranges end;
      if (!is_one || !read_member(end) || end.size() != 1 || end[0].first != end[0].last ||
          end[0].first < ranges.back().first)
        return std::nullopt;
      ranges.back().last = end[0].last;
    }
    const CodePointSet set(std::move(ranges));
    return plain(is_negated ? set.negated() : set);
  }

  // A letter or \d or \w, added to `out`.
  bool read_member(Ranges& out) {
    if (rest_.empty()) return false;
    if (!take('\\')) {
      const char32_t letter = take_letter();
      out.push_back({letter, letter});
      return true;
    }
    if (rest_.empty()) return false;
    const char32_t letter = take_letter();
    if (letter == 'd') {
      out.insert(out.end(), kDigits.begin(), kDigits.end());
    } else if (letter == 'w') {
      out.insert(out.end(), kWordLetters.begin(), kWordLetters.end());
    } else if ((letter >= '0' && letter <= '9') || (letter >= 'A' && letter <= 'Z') ||
               (letter >= 'a' && letter <= 'z')) {
      return false;
    } else {
      out.push_back({letter, letter});
    }
    return true;
  }

  std::optional<std::size_t> read_number() {
    std::size_t value = 0;
    const auto before = rest_.size();
    while (peek() >= '0' && peek() <= '9') {
      value = value * 10 + static_cast<std::size_t>(peek() - '0');
      rest_.remove_prefix(1);
      if (value > kMaxRepetitions) return std::nullopt;
    }
    if (rest_.size() == before) return std::nullopt;
    return value;
  }

  std::optional<Expression> read_count(Expression part) {
    if (take('?')) return counted(std::move(part), 0, 1);
    if (take('*')) return counted(std::move(part), 0, kForever);
    if (take('+')) return counted(std::move(part), 1, kForever);
    if (!take('{')) return part;
    const auto least = read_number();
    if (!least) return std::nullopt;
    auto most = least;
    if (take(',')) most = peek() == '}' ? std::optional(kForever) : read_number();
    if (!most || *most < *least || !take('}')) return std::nullopt;
    return counted(std::move(part), *least, *most);
  }

  // Lazy and possessive repetitions, and repetitions of repetitions, are not simple.
  std::optional<Expression> counted(Expression part, std::size_t least, std::size_t most) const {
    if (peek() == '?' || peek() == '*' || peek() == '+' || peek() == '{') return std::nullopt;
    return repeat(std::move(part), least, most);
  }

  std::string_view rest_;
};

}  // namespace

std::optional<Expression> json_string_like(std::string_view pattern) {
  if (pattern.size() < 2 || pattern.front() != '^' || pattern.back() != '$') return std::nullopt;
  const auto inner = pattern.substr(1, pattern.size() - 2);
  const auto slashes = inner.size() - std::min(inner.size(), inner.find_last_not_of('\\') + 1);
  if (slashes % 2 == 1) return std::nullopt;  // the last $ is a letter
  return PatternReader(inner).run();
}

}  // namespace dramatis::sampling::internal
