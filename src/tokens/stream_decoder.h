// Tokens as they come -> text that may be shown: whole code points only.
#pragma once

#include <string>

#include "base/ids.h"
#include "tokens/vocabulary.h"

namespace dramatis::tokens {

// Whatever the split into tokens, the text is the same. One thread at a time.
class StreamDecoder {
 public:
  // `vocabulary` must outlive this.
  explicit StreamDecoder(const Vocabulary& vocabulary) : vocabulary_(&vocabulary) {}

  // The text that is whole now; empty while a code point is still half.
  [[nodiscard]] std::string push(TokenId id);
  // What was held back, as U+FFFD; nothing comes after it.
  [[nodiscard]] std::string finish();

 private:
  const Vocabulary* vocabulary_;
  std::string held_;  // at most three bytes of a code point
};

}  // namespace dramatis::tokens
