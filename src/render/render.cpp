// A template's way to the writer of its kind.
#include "render/render.h"

#include <fmt/format.h>

#include "render/internal/forms.h"
#include "render/limits.h"

namespace dramatis::render {

std::string_view stop_letters(Template form) {
  return form == Template::kPlain ? "\n" : "";
}

Result<std::vector<TokenId>> render(const lm::Prompt& prompt, Template form,
                                    const tokens::Vocabulary& vocabulary) {
  if (prompt.messages.size() > kMaxMessages) {
    return fail(ErrorCode::kOverBudget,
                fmt::format("The prompt has {} messages; at most {} are rendered.",
                            prompt.messages.size(), kMaxMessages));
  }
  internal::Script script(vocabulary);
  switch (form) {
    case Template::kChatMl:
    case Template::kLlama3:
    case Template::kGemma:
    case Template::kPhi3:
    case Template::kPhi4:
    case Template::kZephyr:
      internal::write_framed(prompt, form, script);
      break;
    case Template::kLlama2:
    case Template::kMistral:
    case Template::kMistral7:
      internal::write_bracketed(prompt, form, script);
      break;
    case Template::kVicuna:
    case Template::kVicunaLines:
    case Template::kDeepSeek:
    case Template::kDeepSeek3:
    case Template::kDeepSeekCoder:
    case Template::kAlpaca:
      internal::write_headed(prompt, form, script);
      break;
    case Template::kPlain:
      internal::write_plain(prompt, script);
      break;
  }
  return script.take();
}

}  // namespace dramatis::render
