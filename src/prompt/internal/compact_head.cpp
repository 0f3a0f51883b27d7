// The sheet in a few sentences, for a model that has learnt the rest or cannot hold it.
#include <fmt/format.h>

#include "prompt/internal/head.h"
#include "prompt/limits.h"

namespace dramatis::prompt::internal {
namespace {

// The first sentence of `text`, which ends with a stop before a space or the end.
std::string_view first_sentence(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool stop = text[at] == '.' || text[at] == '!' || text[at] == '?';
    // "St. Mary" and "Mr. Fenn" go on: a sentence has more than a few letters.
    if (stop && at > 20 && (at + 1 == text.size() || text[at + 1] == ' ' || text[at + 1] == '\n')) {
      return text.substr(0, at + 1);
    }
  }
  return text;
}

// The first `count` words of `text`, or fewer where a comma or semicolon in their second half lets
// the sentence end whole; with a stop at the end. All of `text` where it has no more words.
std::string first_words(std::string_view text, std::size_t count) {
  std::size_t words = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != ' ' && text[at] != '\n') continue;
    if (++words < count) continue;
    std::string_view kept = text.substr(0, at);
    const std::size_t pause = kept.find_last_of(",;:");
    if (pause != std::string_view::npos && pause > kept.size() / 2) kept = kept.substr(0, pause);
    return std::string(kept) + (kept.empty() || kept.back() == '.' ? "" : ".");
  }
  return std::string(text);
}

std::string say(const Material& material, std::size_t words) {
  const auto& who = material.character;
  if (!who.description.empty()) {
    const std::string world = first_words(first_sentence(material.world.description), words);
    return fmt::format("{}{}{}", world, world.empty() ? "" : "\n",
                       first_words(who.description, 2 * words));
  }
  return fmt::format("You are {}, {}. World: {}.\n{}\nManner: {}", who.name, who.title,
                     material.world.name, first_words(first_sentence(who.summary), words),
                     first_words(first_sentence(who.speech), words));
}

}  // namespace

Result<WorldAndCharacter> tell_compact(const Material& material, const lm::LanguageModel& model) {
  WorldAndCharacter head;
  // Forty words are about fifty-five tokens; a model with shorter tokens gets fewer words.
  for (std::size_t words = 40; words >= 5; words -= 5) {
    head.character.text = say(material, words);
    DRAMATIS_TRY(head.character.tokens, model.count_tokens(head.character.text));
    if (head.character.tokens <= kCompactHeadTokens) break;
  }
  return head;
}

}  // namespace dramatis::prompt::internal
