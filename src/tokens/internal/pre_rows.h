// The pre-tokenizers this build knows: one row of data for each.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

namespace dramatis::tokens::internal {

// Published patterns, spelled as their models' files spell them (code points past ASCII as
// \x{...}). Each in turn cuts every stretch that the one before it left into its matches and what
// lies between them.
using PreStages = std::array<std::string_view, 6>;  // up to the first empty one

struct PreRow {
  std::array<std::string_view, 6> names;  // of tokenizer.ggml.pre, up to the first empty one
  PreStages stages;
  bool takes_words = false;   // a word that is a token is taken whole, whatever the merges say
  bool begins_texts = false;  // where the file does not say
};

[[nodiscard]] std::span<const PreRow> pre_rows();
// Null: no row has this name.
[[nodiscard]] const PreRow* find_pre_row(std::string_view name);
// Every name, quoted, with commas between.
[[nodiscard]] std::string known_pre_names();

// A stage with the characters that its \x{...}, \r and \n stand for: two spellings of one pattern
// are then equal.
[[nodiscard]] std::string spelled_out(std::string_view stage);

// GPT-2's own words, which Hugging Face calls ByteLevel.
extern const std::string_view kGpt2Words;
// "Punctuation" of Hugging Face, runs together: Unicode's, and ASCII's which Unicode calls symbols.
extern const std::string_view kPunctuationRuns;

}  // namespace dramatis::tokens::internal
