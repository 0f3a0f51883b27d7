// The families of templates: each writes a whole prompt into a script.
#pragma once

#include "lm/language_model.h"
#include "render/internal/script.h"
#include "render/render.h"

namespace dramatis::render::internal {

// kChatMl, kLlama3, kGemma, kPhi3, kPhi4, kZephyr: a mark, the role, the text, a mark.
void write_framed(const lm::Prompt& prompt, Template form, Script& script);
// kLlama2, kMistral, kMistral7: the player between [INST] and [/INST], the reply up to the end
// token.
void write_bracketed(const lm::Prompt& prompt, Template form, Script& script);
// kVicuna, kAlpaca and DeepSeek's: a heading before each text, the end token after a reply alone.
void write_headed(const lm::Prompt& prompt, Template form, Script& script);
// kPlain: "Player: text" lines.
void write_plain(const lm::Prompt& prompt, Script& script);

}  // namespace dramatis::render::internal
