// A text that is gone on from as it stands, in the shape of a prompt: no message, and a reply that
// has begun already. So it takes the way that all prompts take.
#pragma once

#include <string>

#include "lm/language_model.h"
#include "lm/text_continuer.h"

namespace dramatis::remote {

[[nodiscard]] inline lm::Prompt raw_prompt(const lm::RawText& from) {
  lm::Prompt asked;
  asked.reply_start = std::string(from.text);
  asked.asker = from.asker;
  return asked;
}

[[nodiscard]] inline bool is_raw(const lm::Prompt& asked) {
  return asked.messages.empty();
}

}  // namespace dramatis::remote
