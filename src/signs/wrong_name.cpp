// Names that the speaker takes, greets by, or cannot have heard.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "signs/limits.h"
#include "signs/rules.h"
#include "signs/sheet_words.h"
#include "signs/strangers.h"
#include "signs/words.h"

namespace dramatis::signs {
namespace {

constexpr std::string_view kName = "wrong-name";
constexpr auto kNaming =
    std::to_array<Phrase>({"my name is", "the name is", "name is", "i am called", "they call me",
                           "people call me", "call me"});
constexpr auto kGreetings =
    std::to_array<Phrase>({"greetings", "hello", "welcome", "good morning", "good day",
                           "good evening", "farewell", "well met", "dear", "thank you"});

bool is_capital(std::string_view reply, const Word& word) {
  const char c = reply[word.first];
  return c >= 'A' && c <= 'Z';
}

bool holds(std::span<const Word> words, std::string_view plain) {
  return std::ranges::any_of(words, [&](const Word& word) { return word.plain == plain; });
}

// "My name is Sir Reginald": the first word in capitals after the phrase is judged, and a title is
// the sheet's own or somebody's.
void look_at_own(const Said& said, std::span<const Word> words, Findings& found) {
  for (const Phrase phrase : kNaming) {
    const auto place = find_phrase(words, phrase);
    if (!place || place->word + place->count >= words.size()) continue;
    const std::size_t at = place->word + place->count;
    if (!is_capital(said.reply, words[at])) continue;
    if (words[at].plain == "sir" || words[at].plain == "lady") continue;
    if (holds(known_words(*said.character, said.world), words[at].plain)) continue;
    found.push_back(
        finding_at(words, {.word = at, .count = 1}, kName,
                   fmt::format("It is {}, and names itself otherwise.", said.character->name)));
    return;
  }
}

void look_at_greeting(const Said& said, std::span<const Word> words, Findings& found) {
  const auto own = words_of(said.character->short_name);
  if (own.empty()) return;
  for (const Phrase greeting : kGreetings) {
    const std::string phrase = fmt::format("{} {}", greeting, own.front().plain);
    const auto place = find_phrase(words, phrase);
    if (!place) continue;
    found.push_back(finding_at(words, *place, kName, "It calls the other by its own name."));
  }
}

void look_at_strangers(const Said& said, std::span<const Word> words, Findings& found) {
  const auto heard = words_of(said.heard);
  for (std::size_t at = 0; at < words.size() && found.size() < kMaxFindingsOfRule; ++at) {
    const Word& word = words[at];
    if (!is_capital(said.reply, word) || !said.strangers->contains(word.plain)) continue;
    if (holds(heard, word.plain) || holds(words_of(said.other), word.plain)) continue;
    found.push_back(finding_at(words, {.word = at, .count = 1}, kName,
                               "The name belongs to a world that it cannot know."));
  }
}

}  // namespace

Findings look_for_wrong_names(const Said& said) {
  if (said.character == nullptr) return {};
  Findings found;
  const auto words = written_out(said.reply);
  if (!said.character->name.empty()) {
    look_at_own(said, words, found);
    look_at_greeting(said, words, found);
  }
  if (said.strangers != nullptr) look_at_strangers(said, words, found);
  std::ranges::stable_sort(found, {}, &Finding::first);
  return found;
}

}  // namespace dramatis::signs
