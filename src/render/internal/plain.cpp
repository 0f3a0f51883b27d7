// For models without a template: a description, then one line for each message.
#include <algorithm>

#include "render/internal/forms.h"

namespace dramatis::render::internal {
namespace {

// A line break would let a message speak for the other side.
std::string one_line(std::string_view text) {
  std::string line(trimmed(text));
  std::ranges::replace_if(
      line, [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return line;
}

}  // namespace

void write_plain(const lm::Prompt& prompt, Script& script) {
  script.begin_if_wanted();
  for (const auto& message : prompt.messages) {
    if (message.role == lm::Role::kSystem) {
      script.letters(message.text);
      script.pause();
      script.letters("\n\n");
    } else {
      script.letters(message.role == lm::Role::kPlayer ? "Player:" : "Character:");
      script.pause();
      script.letters(" ");
      script.letters(one_line(message.text));
      script.pause();
      script.letters("\n");
    }
    script.pause();
  }
  // Without a message nobody speaks: the text stands for itself, as for a base model that scores
  // it.
  if (!prompt.messages.empty()) {
    script.letters("Character:");
    script.pause();
    if (!prompt.reply_start.empty()) script.letters(" ");
  }
  script.letters(prompt.reply_start);
}

}  // namespace dramatis::render::internal
