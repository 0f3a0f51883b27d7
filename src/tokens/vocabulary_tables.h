// A vocabulary as a file or a trainer states it: plain tables, nothing checked yet.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "formats/gguf.h"

namespace dramatis::tokens {

// GGUF's numbers.
enum class TokenType : std::int64_t {
  kNormal = 1,
  kUnknown = 2,      // what a byte without a token becomes
  kControl = 3,      // never made by letters
  kUserDefined = 4,  // letters that are always one token
  kUnused = 5,
  kByte = 6,  // "<0x0A>"
};

struct VocabularyTables {
  std::string kind{};                 // "gpt2" or "llama"
  std::string pre = "default";        // how "gpt2" cuts a text into words before it merges
  std::vector<std::string> tokens{};  // by id, as the file writes them
  std::vector<std::int64_t> types{};  // by id, a TokenType each; empty: all normal ("gpt2" alone)
  std::vector<double> scores{};       // by id, "llama": the larger is merged first
  std::vector<std::string> merges{};  // "left right": the earlier is merged first. "llama": may be
                                      // empty, then scores decide
  std::optional<std::int64_t> begin{};  // ids; nothing: there is none
  std::optional<std::int64_t> end{};
  std::optional<std::int64_t> end_of_turn{};
  std::optional<bool> begins_texts{};      // nothing: "llama" yes, "gpt2" as `pre` does
  std::optional<bool> puts_space_first{};  // nothing: yes; "llama" alone
  std::optional<bool> drops_spaces{};      // before, after and beside others; nothing: no; "llama"
  std::optional<bool> takes_words{};       // a word that is a token is one, whatever the merges
                                           // say; nothing: as `pre` does; "gpt2" alone
};

// The tables under `tokenizer.ggml.` of a file. Errors: kCorrupt naming a key that is missing or of
// another type.
[[nodiscard]] Result<VocabularyTables> read_tables(const formats::Gguf& file);

}  // namespace dramatis::tokens
