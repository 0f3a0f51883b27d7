// The list of rules.
#include "signs/sign.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "signs/rules.h"

namespace dramatis::signs {
namespace {

constexpr std::array kSigns{
    Sign{"assistant", "speaks like a program that helps", look_for_assistant},
    Sign{"refusing", "turns a question down as a policy would", look_for_refusal},
    Sign{"moralising", "lectures as a policy would", look_for_moralising},
    Sign{"stepping-out", "speaks of the play from outside", look_for_stepping_out},
    Sign{"anachronism", "knows what its world does not", look_for_anachronism},
    Sign{"bleeding", "speaks for the other", look_for_bleeding},
    Sign{"repetition", "says the same again", look_for_repetition},
    Sign{"catchphrase", "wears a saying out", look_for_catchphrases},
    Sign{"wrong-name", "uses a name that is not its own or not of its world", look_for_wrong_names},
    Sign{"secret", "gives a secret away", look_for_secrets},
    Sign{"cut", "says nothing, or breaks off", look_for_cuts},
};

}  // namespace

std::span<const Sign> all_signs() {
  return kSigns;
}

const Sign* find_sign(std::string_view name) {
  const auto* const found = std::ranges::find(kSigns, name, &Sign::name);
  return found == kSigns.end() ? nullptr : found;
}

Findings look(const Said& said) {
  Findings all;
  for (const auto& sign : kSigns) {
    for (auto& finding : sign.look(said)) all.push_back(std::move(finding));
  }
  return all;
}

Findings look(std::string_view sign, const Said& said) {
  const Sign* const rule = find_sign(sign);
  DRAMATIS_CHECK(rule != nullptr);
  return rule->look(said);
}

}  // namespace dramatis::signs
