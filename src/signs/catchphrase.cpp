// Sayings counted, in a reply and in the few before it.
#include <algorithm>

#include <fmt/format.h>

#include "signs/limits.h"
#include "signs/rules.h"
#include "signs/words.h"

namespace dramatis::signs {
namespace {

std::vector<PhrasePlace> places_of(std::span<const Word> words, Phrase phrase) {
  std::vector<PhrasePlace> places;
  for (auto place = find_phrase(words, phrase); place;
       place = find_phrase(words, phrase, place->word + place->count)) {
    places.push_back(*place);
  }
  return places;
}

}  // namespace

Findings look_for_catchphrases(const Said& said) {
  if (said.character == nullptr) return {};
  Findings found;
  const auto words = words_of(said.reply);
  const auto recent = said.earlier.last(std::min(said.earlier.size(), kRepliesOfCatchphrase - 1));
  for (const auto& saying : said.character->sayings) {
    const std::string phrase = phrase_of(saying);
    const auto here = places_of(words, phrase);
    if (here.empty()) continue;
    const auto before = std::ranges::count_if(recent, [&](const std::string& reply) {
      return find_phrase(words_of(reply), phrase).has_value();
    });
    const std::size_t uses = here.size() + static_cast<std::size_t>(before);
    if (here.size() < 2 && uses < kCatchphraseUses) continue;
    found.push_back(finding_at(
        words, here.back(), "catchphrase",
        fmt::format("'{}' was said {} times within {} replies.", saying, uses, recent.size() + 1)));
  }
  std::ranges::stable_sort(found, {}, &Finding::first);
  return found;
}

}  // namespace dramatis::signs
