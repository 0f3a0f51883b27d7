// A judge's prose -> its score.
#include <algorithm>
#include <array>
#include <cctype>

#include "study/judge.h"

namespace dramatis::study {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// What a line is once marks of layout are gone: lower-case, without stars, hashes and quotes.
std::string bare(std::string_view line) {
  std::string made;
  for (const char c : line) {
    if (c == '*' || c == '#' || c == '`' || c == '"' || c == '_' || c == '>') continue;
    made += c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  }
  const auto first = made.find_first_not_of(" \t\r");
  if (first == std::string::npos) return {};
  return made.substr(first, made.find_last_not_of(" \t\r.") + 1 - first);
}

// "score", "final score is", "rating" and their like, taken off the front.
std::string_view without_label(std::string_view line) {
  constexpr std::array<std::string_view, 10> kLabels{
      "the", "my", "final", "overall", "score", "rating", "grade", "is", "of", "answer"};
  for (bool again = true; again;) {
    again = false;
    for (const auto label : kLabels) {
      if (!line.starts_with(label)) continue;
      const auto rest = line.substr(label.size());
      if (!rest.empty() && std::isalpha(static_cast<unsigned char>(rest.front())) != 0) continue;
      line = rest;
      again = true;
    }
    const auto first = line.find_first_not_of(" :=-\t");
    line.remove_prefix(std::min(first, line.size()));
  }
  return line;
}

// A line of one number and at most a scale: its points, or 0 for points that are none; nothing for
// any other line.
std::optional<int> number_line(std::string_view line) {
  line = without_label(line);
  if (line.empty() || !is_digit(line.front())) return std::nullopt;
  const bool whole = line.find_first_not_of("0123456789./, ") == std::string_view::npos ||
                     line.ends_with("points") || line.ends_with("out of 7");
  if (!whole) return std::nullopt;
  const bool in_range = line.front() >= '1' && line.front() <= '0' + kMostPoints;
  auto rest = line.substr(1);
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  const bool plain = rest.empty() || rest == "points" || rest == "out of 7" || rest == "/7" ||
                     rest == "/ 7" || rest == "/7 points";
  return in_range && plain ? line.front() - '0' : 0;
}

struct Found {
  std::size_t at;
  int points;  // 0: a number that is no score
};

// The number that begins at `at`, as points.
int points_at(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && is_digit(text[end])) ++end;
  const bool decimal =
      end + 1 < text.size() && (text[end] == '.' || text[end] == ',') && is_digit(text[end + 1]);
  if (decimal || end != at + 1 || text[at] < '1' || text[at] > '0' + kMostPoints) return 0;
  if (end < text.size() && text[end] == '/') {
    const auto scale = text.substr(end + 1);
    if (!scale.starts_with('7') || (scale.size() > 1 && is_digit(scale[1]))) return 0;
  }
  return text[at] - '0';
}

bool begins_number(std::string_view text, std::size_t at) {
  return is_digit(text[at]) && (at == 0 || (!is_digit(text[at - 1]) && text[at - 1] != '.' &&
                                            text[at - 1] != '/' && text[at - 1] != '-'));
}

std::optional<Found> last_in_prose(std::string_view text) {
  constexpr std::array<std::string_view, 4> kBefore{"score of ", "score is ",
                                                    "score: ", "rate it "};
  std::optional<Found> last;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!begins_number(text, at)) continue;
    const auto before = text.substr(0, at);
    std::size_t end = at;
    while (end < text.size() && is_digit(text[end])) ++end;
    const bool scaled = end + 1 < text.size() && text[end] == '/' && is_digit(text[end + 1]);
    const bool announced = std::ranges::any_of(
        kBefore, [&](std::string_view phrase) { return before.ends_with(phrase); });
    if (scaled || announced) last = Found{at, points_at(text, at)};
  }
  return last;
}

std::optional<int> points(int found) {
  return found == 0 ? std::nullopt : std::optional(found);
}

}  // namespace

std::optional<int> parse_score(std::string_view text) {
  for (auto rest = text; !rest.empty();) {
    const std::size_t line = rest.rfind('\n');
    const auto last = line == std::string_view::npos ? rest : rest.substr(line + 1);
    if (const auto number = number_line(bare(last))) return points(*number);
    rest = line == std::string_view::npos ? std::string_view() : rest.substr(0, line);
  }
  const std::string plain = bare(text);
  const auto prose = last_in_prose(plain);
  return prose ? points(prose->points) : std::nullopt;
}

std::optional<Preferred> parse_preference(std::string_view text) {
  const std::size_t at = text.rfind("[[");
  if (at == std::string_view::npos || text.size() < at + 5 || text.substr(at + 3, 2) != "]]")
    return std::nullopt;
  switch (text[at + 2]) {
    case 'A':
      return Preferred::kFirst;
    case 'B':
      return Preferred::kSecond;
    case 'C':
      return Preferred::kTie;
    default:
      return std::nullopt;
  }
}

}  // namespace dramatis::study
