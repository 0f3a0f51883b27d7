// For tests: control tokens of the families that tokens/testing/made_up.h has none of.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "tokens/testing/made_up.h"

namespace dramatis::render::testing {

constexpr std::array<std::string_view, 10> kMarks = {
    "[INST]",   "[/INST]",       "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]", "<|system|>",
    "<|user|>", "<|assistant|>", "<|im_sep|>",      "<｜User｜>",       "<｜Assistant｜>"};

inline void add_marks(std::span<const std::string_view> names, tokens::VocabularyTables& tables) {
  for (const auto name : names) {
    tables.tokens.emplace_back(name);
    tables.scores.push_back(0);
    tables.types.push_back(tokens::testing::number_of(tokens::TokenType::kControl));
  }
}

}  // namespace dramatis::render::testing
