// A cast -> what a model that plays it is taught: prompts as they are at run time, each with the
// reply that its author wrote.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "lm/language_model.h"
#include "persona/cast.h"
#include "prompt/compose.h"
#include "prompt/examples.h"

namespace dramatis::dataset {

struct SampleOptions {
  std::size_t pass = 0;    // each pass draws its prompts anew
  std::uint64_t seed = 1;  // of the draws of all passes
  prompt::Head head = prompt::Head::kCompact;
  std::size_t most_examples = prompt::Budget{}.examples;  // shown in one prompt
  int max_tokens = 200;                  // what the prompt leaves free for a reply, as at run time
  std::vector<std::string> leave_out{};  // characters by id, never taught
  double wordings = 0;            // share of the members' wordings that each pass asks, 0 to 1
  std::size_t most_of_topic = 0;  // about so many of one topic at most; 0: any number
  bool dialogues = true;          // or the wordings alone
  double alone = 0;               // share of the wordings asked that are to be known by heart
  bool named = false;       // what is to be known by heart has the name of who is asked before it
  double after_talk = 0.4;  // share of the wordings asked that come after a talk about other things
};

struct Sample {
  lm::Prompt prompt{};
  std::string reply{};         // thoughts, where the prompt invites them, then speech
  std::string conversation{};  // the dialogue's id or "<character>/<topic>": held out together
};

// One sample for each exchange of every dialogue, and one for each greeting of a character that
// speaks first. Drawn for each pass:
//   - how many examples are shown: mostly 2 or 3, sometimes 1 or none (see kShownShares); those of
//     the exchange's own conversation are never among them;
//   - whether a conversation has its scene, and whether a character that speaks first has greeted;
//   - where the character has a scratchpad and the exchange has thoughts, every third pass invites
//     thoughts, and the reply begins with them.
// Of a character with wordings, the share asked for of them is drawn as well: one sample each,
// whose reply is an authored line of the wording's topic, word for word. Mostly the prompt shows
// that line, so that the model learns to say what the examples hold; and as run time finds the
// right line without always finding it first, some samples show the nearest lines in another order.
// Some come after a talk about other things, as `after_talk` says. What is to be known by heart
// has neither sheet nor example before it, and the first of its topic's lines answers. The same
// cast, seed and pass give the same samples; what one exchange draws depends on no other. `model`
// counts tokens and gives the size of the context. Errors: kNotFound for a character to leave out
// that is not of the cast; kInvalidArgument naming conversation and word where a sample would hold
// a secret's word; those of dialogue::compose.
[[nodiscard]] Result<std::vector<Sample>> samples(const persona::Cast& cast,
                                                  const prompt::Examples& examples,
                                                  const lm::LanguageModel& model,
                                                  const SampleOptions& options);

// For other trainers: a line {"messages":[{"role":"system|user|assistant","content":...}, ...]} for
// each sample, the reply last.
[[nodiscard]] std::string print_jsonl(const std::vector<Sample>& samples);

}  // namespace dramatis::dataset
