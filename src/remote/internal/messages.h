// Prompt -> the list of messages that OpenAI's and Ollama's chats have in common.
#pragma once

#include "lm/language_model.h"
#include "lm/role_name.h"
#include "text/json.h"

namespace dramatis::remote::internal {

// A reply_start becomes a last message of the assistant, which the model goes on with.
[[nodiscard]] inline text::JsonArray messages_of(const lm::Prompt& asked) {
  text::JsonArray messages;
  for (const auto& message : asked.messages) {
    messages.push_back(
        text::JsonObject{{"role", lm::role_name(message.role)}, {"content", message.text}});
  }
  if (!asked.reply_start.empty()) {
    messages.push_back(text::JsonObject{{"role", "assistant"}, {"content", asked.reply_start}});
  }
  return messages;
}

}  // namespace dramatis::remote::internal
