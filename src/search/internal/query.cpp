// Splits, filters and quotes.
#include "search/internal/query.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "search/limits.h"
#include "text/utf8.h"

namespace dramatis::search::internal {
namespace {

// Words that stand in every question alike. Question words stay: "who" and "where" ask for other
// things.
constexpr std::array<std::string_view, 60> kStopWords{
    "a",    "about", "all",  "am",    "an", "and",  "any", "are",  "as",   "at",   "be",    "been",
    "but",  "by",    "can",  "could", "d",  "did",  "do",  "does", "for",  "from", "had",   "has",
    "have", "i",     "if",   "in",    "is", "it",   "its", "ll",   "m",    "me",   "my",    "of",
    "on",   "or",    "re",   "s",     "so", "some", "t",   "than", "that", "the",  "their", "them",
    "then", "there", "they", "this",  "to", "ve",   "was", "were", "will", "with", "would", "you"};
static_assert(std::ranges::is_sorted(kStopWords));

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words(1);
  for (char c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    if (is_letter(c)) {
      if (words.back().size() < kMaxWordBytes) words.back() += c;
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

}  // namespace

std::vector<std::string> query_words(std::string_view text) {
  const auto all = words_of(text::repair_utf8(text));
  std::vector<std::string> telling;
  for (const bool stop_words_too : {false, true}) {
    for (const auto& word : all) {
      if (telling.size() == kMaxQueryWords) return telling;
      const bool stop = std::ranges::binary_search(kStopWords, std::string_view(word));
      const bool known = std::ranges::find(telling, word) != telling.end();
      if (!known && (stop_words_too || !stop)) telling.push_back(word);
    }
    if (!telling.empty()) break;
  }
  return telling;
}

std::string any_of(const std::vector<std::string>& words) {
  std::string expression;
  for (const auto& word : words) {
    if (!expression.empty()) expression += " OR ";
    expression += '"' + word + '"';
  }
  return expression;
}

std::string owner_word(std::string_view owner) {
  std::string word = "o";
  for (const char c : owner) word += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return word + "0";
}

}  // namespace dramatis::search::internal
