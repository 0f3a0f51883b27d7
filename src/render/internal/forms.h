// The families of templates: each writes a whole prompt into a script.
#pragma once

#include "lm/language_model.h"
#include "render/internal/script.h"
#include "render/render.h"

namespace dramatis::render::internal {

// kChatMl, kLlama3, kGemma, kZephyr: a mark, the role, the text, a mark.
void write_framed(const lm::Prompt& prompt, Template form, Script& script);
// kLlama2, kMistral: the player between [INST] and [/INST], the reply up to the end token.
// `marks_are_letters`: the vocabulary has no control token [INST].
void write_bracketed(const lm::Prompt& prompt, Template form, bool marks_are_letters,
                     Script& script);
// kPlain: "Player: text" lines.
void write_plain(const lm::Prompt& prompt, Script& script);

constexpr std::string_view kInst = "[INST]";
constexpr std::string_view kInstEnd = "[/INST]";

}  // namespace dramatis::render::internal
