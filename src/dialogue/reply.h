// A character, a moment and a model -> a prompt, and then what is said aloud: a turn without who
// stores it. Turns, studies and training data all ask through here, so that they ask alike.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"
#include "lm/language_model.h"
#include "persona/character.h"
#include "persona/world.h"
#include "prompt/compose.h"
#include "prompt/examples.h"
#include "prompt/limits.h"

namespace dramatis::dialogue {

// Who speaks, and how it is told to the model. What it points to outlives the calls.
struct Speaker {
  const persona::World& world;
  const persona::Character& character;
  prompt::Scene scene{};
  std::string_view note{};  // the director's; may be empty
  prompt::Head head = prompt::Head::kFull;
  prompt::Thoughts thoughts = prompt::Thoughts::kNone;
  std::size_t history_size = 10;  // messages of both that are seen again
  int max_tokens = 200;           // the reply's, thoughts included
};

// What is said now, and what was said before.
struct Moment {
  std::optional<std::string_view> message{};  // nothing: the NPC speaks first
  std::span<const prompt::Line> history{};    // oldest first
};

// The author's lines, and how many of them help.
struct Authored {
  const prompt::Examples& examples;
  std::size_t found = prompt::kMaxAuthored;       // handed to the model; 0: none
  std::size_t shown = prompt::Budget{}.examples;  // of those, in the prompt itself
  std::string_view except_conversation{};         // as in prompt::ExampleQuery
};

// What `speaker` is asked in `moment`. Errors: those of prompt::compose and of the search.
[[nodiscard]] Result<prompt::Composed> compose(const Speaker& speaker, const Moment& moment,
                                               const Authored& authored,
                                               const lm::LanguageModel& model);

// The same with lines that are found already, nearest first, of which the prompt shows `shown`.
[[nodiscard]] Result<prompt::Composed> compose(const Speaker& speaker, const Moment& moment,
                                               std::span<const lm::AuthoredLine> lines,
                                               std::size_t shown, const lm::LanguageModel& model);

// Who listens, and who may break off.
struct Audience {
  lm::TextSink& sink;              // gets what is said aloud, as it is made
  const std::stop_token& stop;     // asked at each token
  std::function<void()> thinks{};  // called once, where private thoughts begin; may be empty
};

struct Spoken {
  std::string aloud{};     // empty where the model only thought
  std::string thoughts{};  // usually empty
  lm::Completion made{};
};

// The model's reply to `asked`, thoughts kept apart. Errors: kCancelled where the audience leaves,
// kOverBudget past kMaxReplyBytes, and what the model answers.
[[nodiscard]] Result<Spoken> speak(const lm::Prompt& asked, prompt::Thoughts thoughts,
                                   const lm::Sampling& how, lm::LanguageModel& model,
                                   const Audience& audience);

}  // namespace dramatis::dialogue
