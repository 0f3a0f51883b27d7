// A conversation -> one text, for models that go on with text instead of answering messages.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lm/language_model.h"

namespace dramatis::remote {

// How the speakers are told apart.
enum class TextForm { kPlain, kChatMl, kLlama3, kMistral, kGemma, kAlpaca };

// "plain", "chatml", "llama3", "mistral", "gemma", "alpaca", in this order.
[[nodiscard]] std::vector<std::string> text_form_names();
// Nothing for any other name.
[[nodiscard]] std::optional<TextForm> find_text_form(std::string_view name);

// All that is said, up to the beginning of the reply. What marks a speaker in any form, or a
// control token of a common family, stands in no message as it is: a space after its first letter
// makes it text. In the plain form and Alpaca's, a speaker's message is one line or begins no line
// with a mark, so nobody can speak for another.
[[nodiscard]] std::string print_transcript(const lm::Prompt& asked, TextForm form);

// A text that is gone on from as it stands; control tokens in it are made text, too.
[[nodiscard]] std::string print_raw(std::string_view text);
// Either of the two.
[[nodiscard]] std::string print_prompt(const lm::Prompt& asked, TextForm form);

// What the model writes where the reply is over and the next speaker would begin.
[[nodiscard]] std::vector<std::string> transcript_ends(TextForm form);

}  // namespace dramatis::remote
