// text -> its words in plain letters -> is one of them, or a run of them, a secret's word?
#include "persona/secrets.h"

#include <vector>

#include "text/utf8.h"

namespace dramatis::persona {
namespace {

bool is_invisible(char32_t c) {
  return c == 0xAD || (c >= 0x200B && c <= 0x200F) || c == 0x2060 || c == 0xFEFF;
}

// Dashes, quotes and spaces beyond ASCII part words as their ASCII kin do.
bool parts_words(char32_t c) {
  if (c < 0x80) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return !letter;
  }
  return c == 0xA0 || (c >= 0x2000 && c <= 0x206F) || c == 0x3000;
}

std::vector<std::string> plain_words(std::string_view text) {
  std::vector<std::string> words(1);
  while (!text.empty()) {
    const auto [value, length] = text::first_code_point(text);
    text.remove_prefix(length == 0 ? 1 : length);
    if (length == 0 || is_invisible(value)) continue;
    if (parts_words(value)) {
      if (!words.back().empty()) words.emplace_back();
    } else {
      const bool upper = value >= 'A' && value <= 'Z';
      text::append_utf8(upper ? value + ('a' - 'A') : value, words.back());
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

// A longer word may hold it, but only where it is long enough to be no accident.
constexpr std::size_t kShortWord = 5;

bool holds(const std::string& word, const std::string& secret) {
  const std::size_t at = word.find(secret);
  return secret.size() < kShortWord ? at == 0 : at != std::string::npos;
}

// Whether the words from `first` on, written together, are `secret` (or its plural).
bool spells(const std::vector<std::string>& words, std::size_t first, const std::string& secret) {
  std::string run;
  for (std::size_t n = first; n < words.size() && run.size() < secret.size(); ++n) {
    run += words[n];
    if (run == secret || run == secret + "s") return true;
    if (secret.compare(0, run.size(), run) != 0) return false;
  }
  return false;
}

bool says(const std::vector<std::string>& words, const std::string& secret) {
  for (std::size_t n = 0; n < words.size(); ++n) {
    if (holds(words[n], secret) || spells(words, n, secret)) return true;
  }
  return false;
}

}  // namespace

std::optional<std::string> find_secret(std::string_view text, std::span<const Secret> secrets) {
  if (secrets.empty()) return std::nullopt;
  const auto words = plain_words(text);
  for (const auto& secret : secrets) {
    for (const auto& word : secret.words) {
      std::string joined;
      for (const auto& part : plain_words(word)) joined += part;
      if (!joined.empty() && says(words, joined)) return word;
    }
  }
  return std::nullopt;
}

}  // namespace dramatis::persona
