// A prompt's blocks -> the token ids which the model was trained to see around them.
#pragma once

#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "lm/language_model.h"
#include "tokens/vocabulary.h"

namespace dramatis::render {

enum class Template { kChatMl, kLlama2, kLlama3, kMistral, kGemma, kZephyr, kPlain };

// The family of a model's own template text (recognised by its marks, never executed).
// Errors: kUnsupported listing the families.
[[nodiscard]] Result<Template> recognise(std::string_view chat_template);
[[nodiscard]] Result<Template> template_named(std::string_view name);

// The ids of a whole prompt, ending where the reply begins (after `reply_start`, if any). Control tokens
// come from the template alone; every block's text is encoded as letters.
// Errors: those of Vocabulary::encode; kUnsupported where the vocabulary lacks the template's tokens.
[[nodiscard]] Result<std::vector<TokenId>> render(const lm::Prompt& prompt, Template form,
                                                  const tokens::Vocabulary& vocabulary);

}  // namespace dramatis::render
