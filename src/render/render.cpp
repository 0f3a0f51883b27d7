// Which family a template is of, and the way to it.
#include "render/render.h"

#include <array>

#include <fmt/format.h>

#include "render/internal/forms.h"
#include "render/limits.h"
#include "text/json.h"
#include "text/utf8.h"

namespace dramatis::render {
namespace {

struct Family {
  Template form;
  std::string_view name;
  std::string_view mark;   // which its templates all contain
  std::string_view other;  // which none of its templates contains
};

// In the order in which they are tried: ChatML's mark is nobody else's, Zephyr's are shared with
// Phi (which ends turns with <|end|>), Llama 2's with Mistral.
constexpr std::array<Family, 7> kFamilies = {{
    {Template::kChatMl, "chatml", "<|im_start|>", ""},
    {Template::kLlama3, "llama3", "<|start_header_id|>", ""},
    {Template::kGemma, "gemma", "<start_of_turn>", ""},
    {Template::kZephyr, "zephyr", "<|user|>", "<|end|>"},
    {Template::kLlama2, "llama2", "<<SYS>>", ""},
    {Template::kMistral, "mistral", "[INST]", ""},
    {Template::kPlain, "plain", "", ""},
}};

std::string known_names() {
  std::string names;
  for (const auto& family : kFamilies) {
    names += fmt::format("{}{}", names.empty() ? "" : ", ", family.name);
  }
  return names;
}

}  // namespace

Result<Template> recognise(std::string_view chat_template) {
  if (chat_template.size() > kMaxTemplateBytes) {
    return fail(
        ErrorCode::kOverBudget,
        fmt::format(
            "The model's chat template has {} bytes; at most {} are read. Name a family: {}.",
            chat_template.size(), kMaxTemplateBytes, known_names()));
  }
  for (const auto& family : kFamilies) {
    if (family.mark.empty() || chat_template.find(family.mark) == std::string_view::npos) continue;
    if (!family.other.empty() && chat_template.find(family.other) != std::string_view::npos)
      continue;
    return family.form;
  }
  return fail(ErrorCode::kUnsupported,
              fmt::format("The model's chat template bears no family's marks. Name a family: {}.",
                          known_names()));
}

Result<Template> template_named(std::string_view name) {
  for (const auto& family : kFamilies) {
    if (family.name == name) return family.form;
  }
  return fail(ErrorCode::kUnsupported,
              fmt::format("There is no prompt template {}; known are {}.",
                          text::print_json(text::Json(text::repair_utf8(name.substr(0, 80)))),
                          known_names()));
}

std::string_view name_of(Template form) {
  for (const auto& family : kFamilies) {
    if (family.form == form) return family.name;
  }
  return {};
}

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
    case Template::kZephyr:
      internal::write_framed(prompt, form, script);
      break;
    case Template::kLlama2:
    case Template::kMistral:
      internal::write_bracketed(prompt, form, !vocabulary.control(internal::kInst).has_value(),
                                script);
      break;
    case Template::kPlain:
      internal::write_plain(prompt, script);
      break;
  }
  return script.take();
}

}  // namespace dramatis::render
