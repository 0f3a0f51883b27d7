// Files of lessons, one JSON object a line -> conversations and preferences.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lm/language_model.h"

namespace dramatis::train::tune {

// What was said; the last to speak is the NPC.
struct Conversation {
  std::vector<lm::Message> messages{};  // of the system at most one, first
};

// Two replies to the same prompt, one of which somebody preferred.
struct Preference {
  std::vector<lm::Message> prompt{};
  std::string chosen{};
  std::string rejected{};
};

// {"messages":[{"role":"system|user|assistant","content":...}, ...]}; other members are passed
// over, empty lines too. Errors begin with `place` and the line: kCorrupt for what is no such
// object, kOverBudget.
[[nodiscard]] Result<std::vector<Conversation>> parse_conversations(std::string_view document,
                                                                    std::string_view place);
// {"prompt":[messages],"chosen":...,"rejected":...}; a reply is a text, or the list of one message
// that TRL's conversational form has. Errors likewise.
[[nodiscard]] Result<std::vector<Preference>> parse_preferences(std::string_view document,
                                                                std::string_view place);

}  // namespace dramatis::train::tune
