// A prompt's blocks -> the token ids which the model was trained to see around them.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "lm/language_model.h"
#include "tokens/vocabulary.h"

namespace dramatis::render {

enum class Template {
  kChatMl,
  kLlama2,
  kLlama3,
  kMistral,   // the system's text before the player's first
  kMistral7,  // the system's text in brackets of its own
  kGemma,
  kPhi3,
  kPhi4,
  kZephyr,
  kVicuna,         // one space between the turns
  kVicunaLines,    // a line for each turn
  kDeepSeek,       // LLM and V2: "User: "
  kDeepSeek3,      // V3, R1 and what was distilled from it: "<｜User｜>"
  kDeepSeekCoder,  // "### Instruction:" up to <|EOT|>
  kAlpaca,
  kPlain
};

// Every family, kPlain last.
[[nodiscard]] std::span<const Template> all_templates();

// The family of a model's own template text: recognised by its marks and by what stands beside
// them in one expression, never executed. Errors: kUnsupported listing the families; kOverBudget
// past kMaxTemplateBytes.
[[nodiscard]] Result<Template> recognise(std::string_view chat_template);
// "chatml", "llama2" and so on: the names of name_of. Errors: kUnsupported listing them.
[[nodiscard]] Result<Template> template_named(std::string_view name);
[[nodiscard]] std::string_view name_of(Template form);

// The ids of a whole prompt, ending where the reply begins (after `reply_start`, if any). Control
// tokens come from the template alone; every block's text is encoded as letters, and where the
// template marks turns with letters, a block's own such letters are spelled apart ("[ INST]").
// Where the family has no system role, the system's text goes before the player's first.
// Stable: prompts whose first messages are equal have equal ids up to the end of the last of these,
// so that a cache of one serves the other; the ids of reply_start and of a later message follow
// alike. Errors: those of Vocabulary::encode; kUnsupported where the vocabulary lacks the
// template's tokens; kOverBudget past kMaxMessages.
[[nodiscard]] Result<std::vector<TokenId>> render(const lm::Prompt& prompt, Template form,
                                                  const tokens::Vocabulary& vocabulary);

// The letters before which a reply in this form has ended; empty where a control token ends it.
[[nodiscard]] std::string_view stop_letters(Template form);

}  // namespace dramatis::render
