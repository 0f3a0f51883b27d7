// The normaliser and the pre-tokenizer of a tokenizer.json -> which of our ways a text goes.
#pragma once

#include <string>

#include "base/result.h"
#include "text/json.h"

namespace dramatis::tokens::internal {

struct TextPath {
  std::string kind;               // "gpt2" or "llama"
  std::string pre = "default";    // "gpt2": the row whose stages these are
  bool puts_space_first = false;  // "llama"
};

// Errors: kUnsupported naming the part that is none of ours; kCorrupt.
[[nodiscard]] Result<TextPath> read_text_path(const text::Json& tokenizer);

}  // namespace dramatis::tokens::internal
