// The sheet's secrets, found by their words.
#include <fmt/format.h>

#include "persona/secrets.h"
#include "signs/rules.h"
#include "signs/words.h"

namespace dramatis::signs {

Findings look_for_secrets(const Said& said) {
  if (said.character == nullptr) return {};
  const auto word = persona::find_secret(said.reply, said.character->secrets);
  if (!word) return {};
  Finding finding{.sign = "secret",
                  .first = 0,
                  .length = said.reply.size(),
                  .reason = fmt::format("'{}' gives a secret of the sheet away.", *word)};
  // Spelt with tricks, it stands nowhere in particular.
  std::string phrase;
  for (const auto& part : words_of(*word))
    phrase.append(phrase.empty() ? "" : " ").append(part.plain);
  const auto words = words_of(said.reply);
  if (const auto place = find_phrase(words, phrase))
    finding = finding_at(words, *place, finding.sign, std::move(finding.reason));
  return {finding};
}

}  // namespace dramatis::signs
