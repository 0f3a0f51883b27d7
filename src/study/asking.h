// Somebody says something to a character as a study wants it -> what the character answers, and how
// that came about.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dialogue/conversation.h"
#include "dialogue/reply.h"
#include "lm/language_model.h"
#include "persona/cast.h"
#include "prompt/compose.h"
#include "prompt/examples.h"

namespace dramatis::study {

// Who answers. All of it outlives the call.
struct Answerer {
  lm::LanguageModel& model;
  const prompt::Examples& examples;
  prompt::Head head = prompt::Head::kFull;  // kCompact for small models
};

enum class Shown { kExamples, kNothing };
// Whether the author's lines go to the model beside the prompt (lm::Prompt::authored).
enum class Voice { kWithAuthor, kFree };
// Whether the prompt tells who is played; a model that was trained on one character needs no sheet.
enum class Sheet { kTold, kUntold };

// How replies are made.
struct CheckOptions {
  double temperature = 0;             // larger: bolder. [0, 5]
  int max_tokens = 200;               // a reply's, thoughts included
  std::uint64_t seed = 1;             // of every reply
  Shown examples = Shown::kExamples;  // in the prompt
  Voice voice = Voice::kWithAuthor;   // kFree: the model's own words alone
  Sheet sheet = Sheet::kTold;
  std::optional<bool> scratchpad{};                     // nothing: as each sheet says
  std::vector<std::string> characters{};                // whose checks; empty: everyone's
  std::map<std::string, lm::AdapterChoice> adapters{};  // added to the model, by character
};

// Nobody listens while a study runs.
class DeafSink final : public lm::TextSink {
 public:
  [[nodiscard]] lm::Go write(std::string_view /*text*/) override { return lm::Go::kOn; }
};

// Whom, and what. What it points to outlives the call.
struct Asking {
  const persona::World& world;
  const persona::Character& character;
  std::string_view message{};
  std::span<const prompt::Line> history{};  // oldest first
  prompt::Scene scene{};
  std::string conversation{};  // whose words the model may keep; studies share none
};

struct Replied {
  dialogue::Spoken spoken{};
  dialogue::Account account{};
};

// Errors: those of dialogue::compose and dialogue::speak.
[[nodiscard]] Result<Replied> ask(const Asking& asking, const Answerer& answerer,
                                  const CheckOptions& options, const std::stop_token& stop);

}  // namespace dramatis::study
