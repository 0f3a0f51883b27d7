// Two lists and one shape.
#include "tokens/internal/control_names.h"

#include <algorithm>
#include <array>

namespace dramatis::tokens::internal {
namespace {

constexpr std::array<std::string_view, 10> kEndsOfTurn = {
    "<|im_end|>", "<|eot_id|>",      "<end_of_turn>", "<|end|>", "<|endoftext|>",
    "<|EOT|>",    "<|end_of_text|>", "</s>",          "<eos>",   "<｜end▁of▁sentence｜>"};

// Of user-defined tokens; a normal one of that name may be a piece of somebody's HTML.
constexpr std::array<std::string_view, 9> kMarks = {
    "<s>",    "</s>",    "<bos>",           "<eos>",           "<start_of_turn>",
    "[INST]", "[/INST]", "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]"};

// "<|name|>", also with the full-width bars of some families.
bool is_between_bars(std::string_view name) {
  for (const std::string_view bar : {"|", "\xEF\xBD\x9C"}) {
    if (name.size() < 3 + 2 * bar.size() || !name.starts_with('<') || !name.ends_with('>'))
      continue;
    const auto inner = name.substr(1, name.size() - 2);
    if (!inner.starts_with(bar) || !inner.ends_with(bar)) continue;
    const auto word = inner.substr(bar.size(), inner.size() - 2 * bar.size());
    if (std::ranges::any_of(word, [](char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; })) {
      return true;
    }
  }
  return false;
}

}  // namespace

bool is_named_like_control(std::string_view name, TokenType type) {
  if (type == TokenType::kByte) return false;
  if (is_between_bars(name) || name == "<end_of_turn>") return true;
  return type == TokenType::kUserDefined && std::ranges::find(kMarks, name) != kMarks.end();
}

bool is_named_like_end_of_turn(std::string_view name) {
  return std::ranges::find(kEndsOfTurn, name) != kEndsOfTurn.end();
}

}  // namespace dramatis::tokens::internal
