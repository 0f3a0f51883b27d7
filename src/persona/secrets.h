// Whether a text gives a secret away.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "persona/character.h"

namespace dramatis::persona {

// The first word of `secrets` that `text` says, or nothing. Letter case, spaces, punctuation and
// invisible characters count for nothing: "LANDS-knecht" and "l a n d s k n e c h t" say
// "Landsknecht"; so does a longer word that holds it. A word shorter than five letters is found at
// a word's beginning alone ("rat" in "rats", not in "pirate").
[[nodiscard]] std::optional<std::string> find_secret(std::string_view text,
                                                     std::span<const Secret> secrets);

}  // namespace dramatis::persona
