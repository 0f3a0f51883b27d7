// Bytes -> words; words against phrases.
#include "signs/words.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "text/utf8.h"

namespace dramatis::signs {
namespace {

constexpr char32_t kRightQuote = 0x2019;  // the apostrophe of typesetters

bool is_ascii_word(char32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Letters beyond ASCII are taken for letters; spaces, dashes and quotes are not.
bool is_word(char32_t c) {
  if (c < 0x80) return is_ascii_word(c);
  const bool mark = c <= 0xBF || (c >= 0x2000 && c <= 0x206F) || (c >= 0x3000 && c <= 0x303F);
  return !mark;
}

bool is_apostrophe(char32_t c) {
  return c == '\'' || c == kRightQuote;
}

bool word_begins(std::string_view rest) {
  const auto [value, length] = text::first_code_point(rest);
  return length > 0 && is_word(value);
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

struct Ending {
  std::string_view letters;
  std::string_view word;
};
constexpr std::array kEndings{Ending{"n't", "not"},  Ending{"'m", "am"},    Ending{"'re", "are"},
                              Ending{"'ll", "will"}, Ending{"'ve", "have"}, Ending{"'d", "would"}};
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kOddRoots{
    {{"ca", "can"}, {"wo", "will"}, {"sha", "shall"}, {"ai", "is"}}};
// After these, 's is "is"; after a noun it is the possessive.
constexpr std::array<std::string_view, 10> kBeforeIs{"it", "that", "there", "here",  "what",
                                                     "he", "she",  "who",   "where", "name"};

void push(std::string plain, const Word& from, std::vector<Word>& out) {
  out.push_back({.plain = std::move(plain), .first = from.first, .length = from.length});
}

std::string root_of(std::string root, std::string_view ending) {
  if (ending != "not") return root;
  for (const auto& [odd, whole] : kOddRoots) {
    if (root == odd) return std::string(whole);
  }
  return root;
}

void write_out(const Word& word, std::vector<Word>& out) {
  const std::string& plain = word.plain;
  if (plain == "cannot") return push("can", word, out), push("not", word, out);
  for (const auto& [letters, ending] : kEndings) {
    if (plain.size() <= letters.size() || !plain.ends_with(letters)) continue;
    push(root_of(plain.substr(0, plain.size() - letters.size()), ending), word, out);
    return push(std::string(ending), word, out);
  }
  if (plain.size() > 2 && plain.ends_with("'s")) {
    const std::string root = plain.substr(0, plain.size() - 2);
    push(root, word, out);
    if (std::ranges::find(kBeforeIs, root) != kBeforeIs.end()) push("is", word, out);
    return;
  }
  out.push_back(word);
}

// Takes the first word off `rest`; empty where there is none left.
std::string_view take_part(std::string_view& rest) {
  const std::size_t length = std::min(rest.find(' '), rest.size());
  const auto part = rest.substr(0, length);
  rest.remove_prefix(std::min(length + 1, rest.size()));
  return part;
}

bool matches(std::string_view word, std::string_view part) {
  return part.ends_with('*') ? word.starts_with(part.substr(0, part.size() - 1)) : word == part;
}

// How many words the phrase has, where it begins with the first of `words`; else 0.
std::size_t begins_with(std::span<const Word> words, Phrase phrase) {
  std::size_t same = 0;
  while (!phrase.empty()) {
    const auto part = take_part(phrase);
    if (same == words.size() || !matches(words[same].plain, part)) return 0;
    ++same;
  }
  return same;
}

}  // namespace

std::vector<Word> words_of(std::string_view text) {
  std::vector<Word> words;
  bool open = false;
  for (std::size_t at = 0; at < text.size();) {
    const auto [value, read] = text::first_code_point(text.substr(at));
    const std::size_t length = std::max<std::size_t>(read, 1);
    const bool joins = open && is_apostrophe(value) && word_begins(text.substr(at + length));
    if (read > 0 && (is_word(value) || joins)) {
      if (!open) words.push_back({.first = at});
      open = true;
      Word& word = words.back();
      if (joins) {
        word.plain += '\'';
      } else if (length == 1) {
        word.plain += lower(text[at]);
      } else {
        word.plain.append(text.substr(at, length));
      }
      word.length = at + length - word.first;
    } else {
      open = false;
    }
    at += length;
  }
  return words;
}

std::vector<Word> written_out(std::string_view text) {
  std::vector<Word> out;
  for (const auto& word : words_of(text)) write_out(word, out);
  return out;
}

std::string phrase_of(std::string_view text) {
  std::string phrase;
  for (const auto& word : words_of(text))
    phrase.append(phrase.empty() ? "" : " ").append(word.plain);
  return phrase;
}

std::optional<PhrasePlace> find_phrase(std::span<const Word> words, Phrase phrase,
                                       std::size_t from) {
  for (std::size_t at = from; at < words.size(); ++at) {
    const std::size_t count = begins_with(words.subspan(at), phrase);
    if (count > 0) return PhrasePlace{.word = at, .count = count};
  }
  return std::nullopt;
}

Finding finding_at(std::span<const Word> words, PhrasePlace place, std::string_view sign,
                   std::string reason) {
  const Word& first = words[place.word];
  const Word& last = words[place.word + place.count - 1];
  return {.sign = std::string(sign),
          .first = first.first,
          .length = last.first + last.length - first.first,
          .reason = std::move(reason)};
}

Findings find_phrases(std::string_view text, std::string_view sign,
                      std::span<const PhraseTable> tables) {
  const auto words = written_out(text);
  Findings found;
  std::vector<bool> taken(words.size(), false);
  for (const auto& [reason, phrases] : tables) {
    for (const Phrase phrase : phrases) {
      for (auto place = find_phrase(words, phrase); place;
           place = find_phrase(words, phrase, place->word + 1)) {
        if (taken[place->word]) continue;
        for (std::size_t n = 0; n < place->count; ++n) taken[place->word + n] = true;
        found.push_back(finding_at(words, *place, sign, fmt::format("It {}.", reason)));
      }
    }
  }
  std::ranges::stable_sort(found, {}, &Finding::first);
  return found;
}

std::vector<std::string_view> sentences_of(std::string_view text) {
  std::vector<std::string_view> sentences;
  const auto close = [&](std::size_t length) {
    const auto sentence = text.substr(0, length);
    if (!words_of(sentence).empty()) sentences.push_back(sentence);
    text.remove_prefix(length);
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const bool ends = c == '.' || c == '!' || c == '?';
    const bool parted = at + 1 == text.size() || text[at + 1] == ' ' || text[at + 1] == '\n';
    if (c != '\n' && !(ends && parted)) continue;
    close(at + 1);
    at = static_cast<std::size_t>(-1);  // the loop adds one
  }
  close(text.size());
  return sentences;
}

}  // namespace dramatis::signs
