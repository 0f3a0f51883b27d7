// Holds back half a code point until the rest of it has come.
#include "tokens/stream_decoder.h"

#include "text/utf8.h"

namespace dramatis::tokens {

std::string StreamDecoder::push(TokenId id) {
  held_ += vocabulary_->bytes_of(id);
  const auto whole = text::whole_prefix(held_);
  std::string shown = text::repair_utf8(std::string_view(held_).substr(0, whole));
  held_.erase(0, whole);
  return shown;
}

std::string StreamDecoder::finish() {
  std::string shown = text::repair_utf8(held_);
  held_.clear();
  return shown;
}

}  // namespace dramatis::tokens
