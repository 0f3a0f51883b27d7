// The families by name and by the marks of their templates.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "render/limits.h"
#include "render/render.h"
#include "text/json.h"
#include "text/utf8.h"

namespace dramatis::render {
namespace {

// A template prints `mark` in an expression that also has one of `beside`.
struct Printed {
  std::string_view mark;
  std::array<std::string_view, 3> beside;
};

struct Family {
  Template form;
  std::string_view name;
  std::array<std::string_view, 2> marks;     // which its templates all contain
  std::array<std::string_view, 3> others{};  // of which none of its templates contains one
  Printed printed{};
};

constexpr std::string_view kEnd = "eos_token";
constexpr std::string_view kLineEnd = "\\n";

// In the order in which they are tried: marks of one family alone come first. Zephyr's marks are
// also those of families that end a player's turn otherwise (Falcon 3, Tulu, GLM); "User: " and
// "USER: " are words that many write.
// Sources: the chat templates that the families' models carry.
constexpr std::array<Family, 16> kFamilies = {{
    {.form = Template::kPhi4, .name = "phi4", .marks = {"<|im_start|>", "<|im_sep|>"}},
    {.form = Template::kChatMl,
     .name = "chatml",
     .marks = {"<|im_start|>", ""},
     .others = {"<end_of_utterance>"}},
    {.form = Template::kLlama3, .name = "llama3", .marks = {"<|start_header_id|>", ""}},
    {.form = Template::kGemma, .name = "gemma", .marks = {"<start_of_turn>", ""}},
    {.form = Template::kDeepSeek3, .name = "deepseek3", .marks = {"<｜User｜>", "<｜Assistant｜>"}},
    {.form = Template::kPhi3, .name = "phi3", .marks = {"<|assistant|>", "<|end|>"}},
    {.form = Template::kZephyr,
     .name = "zephyr",
     .marks = {"<|user|>", "<|assistant|>"},
     .printed = {"<|user|>", {kEnd, "</s>", "<|endoftext|>"}}},
    {.form = Template::kMistral7,
     .name = "mistral7",
     .marks = {"[SYSTEM_PROMPT]", "[INST]"},
     .others = {"<<SYS>>"}},
    {.form = Template::kLlama2, .name = "llama2", .marks = {"[INST]", "<<SYS>>"}},
    {.form = Template::kMistral, .name = "mistral", .marks = {"[INST]", ""}},
    {.form = Template::kDeepSeekCoder,
     .name = "deepseek-coder",
     .marks = {"### Instruction:", "<|EOT|>"}},
    {.form = Template::kAlpaca,
     .name = "alpaca",
     .marks = {"### Instruction:", "### Response:"},
     .others = {"<|EOT|>"}},
    {.form = Template::kVicunaLines,
     .name = "vicuna-lines",
     .marks = {"USER: ", "ASSISTANT:"},
     .others = {"SYSTEM: "},
     .printed = {"USER: ", {kLineEnd, "\n"}}},
    {.form = Template::kVicuna,
     .name = "vicuna",
     .marks = {"USER: ", "ASSISTANT:"},
     .others = {"SYSTEM: "},
     .printed = {"USER: ", {"' '", "\" \"", " ASSISTANT:"}}},
    {.form = Template::kDeepSeek,
     .name = "deepseek",
     .marks = {"User: ", "Assistant:"},
     .others = {"GPT4 Correct"},
     .printed = {"Assistant: ", {kEnd, "<｜end▁of▁sentence｜>"}}},
    {.form = Template::kPlain, .name = "plain", .marks = {}},
}};

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// The expression's rest, up to the braces or the tag that end it.
std::string_view rest_of_expression(std::string_view text) {
  return text.substr(0, std::min(text.find("}}"), text.find("%}")));
}

bool prints(std::string_view text, const Printed& printed) {
  if (printed.mark.empty()) return true;
  for (auto at = text.find(printed.mark); at != std::string_view::npos;
       at = text.find(printed.mark, at + 1)) {
    const auto rest = rest_of_expression(text.substr(at + printed.mark.size()));
    const auto is_beside = [rest](std::string_view part) {
      return !part.empty() && contains(rest, part);
    };
    if (std::ranges::any_of(printed.beside, is_beside)) return true;
  }
  return false;
}

bool is_of(std::string_view text, const Family& family) {
  if (family.marks.front().empty()) return false;
  return std::ranges::all_of(family.marks,
                             [text](std::string_view mark) { return contains(text, mark); }) &&
         std::ranges::none_of(
             family.others,
             [text](std::string_view other) { return !other.empty() && contains(text, other); }) &&
         prints(text, family.printed);
}

std::string known_names() {
  std::string names;
  for (const auto& family : kFamilies) {
    names += fmt::format("{}{}", names.empty() ? "" : ", ", family.name);
  }
  return names;
}

constexpr auto kTemplates = [] {
  std::array<Template, kFamilies.size()> all{};
  for (std::size_t n = 0; n < all.size(); ++n) all[n] = kFamilies[n].form;
  return all;
}();

}  // namespace

std::span<const Template> all_templates() {
  return kTemplates;
}

Result<Template> recognise(std::string_view chat_template) {
  if (chat_template.size() > kMaxTemplateBytes) {
    return fail(
        ErrorCode::kOverBudget,
        fmt::format(
            "The model's chat template has {} bytes; at most {} are read. Name a family: {}.",
            chat_template.size(), kMaxTemplateBytes, known_names()));
  }
  for (const auto& family : kFamilies) {
    if (is_of(chat_template, family)) return family.form;
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

}  // namespace dramatis::render
