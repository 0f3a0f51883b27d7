// For tests: small vocabularies of either kind, with every byte, a few merges and control tokens.
#pragma once

#include <array>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tokens/vocabulary_tables.h"

namespace dramatis::tokens::testing {

constexpr auto number_of(TokenType type) {
  return static_cast<std::int64_t>(type);
}

constexpr std::array<std::string_view, 14> kControlNames = {"<unk>",
                                                            "<s>",
                                                            "</s>",
                                                            "<|im_start|>",
                                                            "<|im_end|>",
                                                            "<|begin_of_text|>",
                                                            "<|eot_id|>",
                                                            "<|start_header_id|>",
                                                            "<|end_header_id|>",
                                                            "<start_of_turn>",
                                                            "<end_of_turn>",
                                                            "<bos>",
                                                            "<|endoftext|>",
                                                            "<|end|>"};

// "llama": controls are ids 0 to 13 (in the order above), bytes 14 to 269, then pieces, the better
// first.
inline VocabularyTables made_up_llama() {
  VocabularyTables made{.kind = "llama", .begin = 1, .end = 2};
  const auto add = [&made](std::string name, double score, TokenType type) {
    made.tokens.push_back(std::move(name));
    made.scores.push_back(score);
    made.types.push_back(number_of(type));
  };
  for (const auto name : kControlNames) {
    add(std::string(name), 0, name == "<unk>" ? TokenType::kUnknown : TokenType::kControl);
  }
  for (int byte = 0; byte < 256; ++byte) {
    std::array<char, 8> name{};
    std::snprintf(name.data(), name.size(), "<0x%02X>", byte);
    add(name.data(), 0, TokenType::kByte);
  }
  double score = 0;
  for (const char* piece :
       {"he", "ll", "\xE2\x96\x81t", "hell", "hello", "\xE2\x96\x81the", "er"}) {
    add(piece, score--, TokenType::kNormal);
  }
  add("\xE2\x96\x81", score--, TokenType::kNormal);
  for (char letter = 'a'; letter <= 'z'; ++letter) {
    add(std::string(1, letter), score--, TokenType::kNormal);
  }
  return made;
}

// "gpt2": bytes in the order in which GPT-2 spells them, then merges' wholes, then controls.
inline VocabularyTables made_up_gpt2() {
  VocabularyTables made{.kind = "gpt2", .pre = "gpt-2"};
  const auto add = [&made](std::string name, TokenType type) {
    made.tokens.push_back(std::move(name));
    made.types.push_back(number_of(type));
  };
  const auto spelled = [](unsigned value) {
    return value < 0x80 ? std::string(1, static_cast<char>(value))
                        : std::string{static_cast<char>(0xC0 | value >> 6),
                                      static_cast<char>(0x80 | (value & 0x3F))};
  };
  for (unsigned value = 0x21; value < 0x144; ++value) {
    const bool spells_none = (value > 0x7E && value < 0xA1) || value == 0xAD;
    if (!spells_none) add(spelled(value), TokenType::kNormal);
  }
  for (const auto& [left, right] : {std::pair{"h", "e"},
                                    {"l", "l"},
                                    {"he", "ll"},
                                    {"hell", "o"},
                                    {"\xC4\xA0", "t"},
                                    {"\xC4\xA0t", "he"}}) {
    made.merges.push_back(std::string(left) + " " + right);
    add(std::string(left) + right, TokenType::kNormal);
  }
  for (const auto name : kControlNames) {
    if (name != "<unk>") add(std::string(name), TokenType::kControl);
  }
  made.end = static_cast<std::int64_t>(made.tokens.size()) - 2;  // <|endoftext|>
  return made;
}

}  // namespace dramatis::tokens::testing
