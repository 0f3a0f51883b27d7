// The rules, one file each.
#pragma once

#include "signs/sign.h"

namespace dramatis::signs {

// Offers help, speaks of its training, prints code or lists: the voice of a program that serves.
[[nodiscard]] Findings look_for_assistant(const Said& said);
// Turns a question down as a policy would. A character who will not tell is none of these.
[[nodiscard]] Findings look_for_refusal(const Said& said);
// Lectures the other as a policy would: drink responsibly, violence is never the answer.
[[nodiscard]] Findings look_for_moralising(const Said& said);
// Speaks of the play from outside: prompts, scenarios, the user, the character.
[[nodiscard]] Findings look_for_stepping_out(const Said& said);
// Names what the sheet's `unknown` rules out, unless world or sheet name it. A word that the other
// brought up may be asked about, and is found only where the speaker claims the thing ("my phone").
[[nodiscard]] Findings look_for_anachronism(const Said& said);
// Writes the other's lines or deeds, or puts names before lines as a script does.
[[nodiscard]] Findings look_for_bleeding(const Said& said);
// Says a run of words twice, or a sentence that it has said before.
[[nodiscard]] Findings look_for_repetition(const Said& said);
// Says one of the sheet's sayings twice at once, or for the third time within a few replies.
[[nodiscard]] Findings look_for_catchphrases(const Said& said);
// Gives itself a name that is not its own, greets the other by its own, or names people and places
// of other worlds.
[[nodiscard]] Findings look_for_wrong_names(const Said& said);
// Says a word that gives a secret of the sheet away.
[[nodiscard]] Findings look_for_secrets(const Said& said);
// Says nothing, or breaks off within a sentence.
[[nodiscard]] Findings look_for_cuts(const Said& said);

}  // namespace dramatis::signs
