// Sentence by sentence.
#include "voice/authors_words.h"

#include <algorithm>

#include "text/overlap.h"
#include "voice/limits.h"

namespace dramatis::voice {
namespace {

constexpr std::string_view kEnds = ".!?";
constexpr std::string_view kClosing = ".!?\"')*";
constexpr std::string_view kSpace = " \n";

}  // namespace

std::vector<std::string_view> sentences_of(std::string_view text) {
  std::vector<std::string_view> sentences;
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
    if (text.empty()) return sentences;
    std::size_t end = text.find_first_of(kEnds);
    // A mark within a word ends nothing.
    while (end < text.size()) {
      end = std::min(text.find_first_not_of(kClosing, end), text.size());
      if (end == text.size() || kSpace.find(text[end]) != kSpace.npos) break;
      end = text.find_first_of(kEnds, end);
    }
    end = std::min(end, text.size());
    sentences.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
}

std::optional<std::vector<std::string_view>> authors_sentences(
    std::string_view said, std::span<const lm::AuthoredLine> lines) {
  std::vector<std::string_view> written;
  for (const auto& line : lines) {
    for (const auto sentence : sentences_of(line.npc)) written.push_back(sentence);
  }
  std::vector<std::string_view> chosen;
  for (const auto sentence : sentences_of(said)) {
    double nearest = 0;
    std::string_view twin;
    for (const auto candidate : written) {
      const double shared = candidate == sentence ? 2 : text::overlap(candidate, sentence);
      if (shared > nearest) {
        nearest = shared;
        twin = candidate;
      }
    }
    if (nearest < kLeastTwin) return std::nullopt;
    if (std::ranges::find(chosen, twin) == chosen.end()) chosen.push_back(twin);
  }
  return chosen;
}

std::optional<std::string> in_authors_words(std::string_view said,
                                            std::span<const lm::AuthoredLine> lines) {
  const auto chosen = authors_sentences(said, lines);
  if (!chosen || chosen->empty()) return std::nullopt;
  std::string text;
  for (const auto sentence : *chosen) {
    if (!text.empty()) text += ' ';
    text += sentence;
  }
  return text;
}

}  // namespace dramatis::voice
