// Any bytes as a tokenizer.json -> tables or an Error; tables that were accepted make a vocabulary
// or an Error, and one that was made encodes without control tokens. What follows a NUL byte is
// the tokenizer_config.json.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "tokens/hugging_face.h"
#include "tokens/vocabulary.h"

namespace {

namespace tokens = dramatis::tokens;

void use(const tokens::Vocabulary& vocabulary) {
  const std::string_view text = "<s> the hello \xF0\x9F\x98\x80\n<|im_end|>  aaaa";
  const auto ids = vocabulary.encode(text, tokens::Special::kAsLetters);
  if (!ids) std::abort();
  for (const auto id : *ids) {
    if (vocabulary.is_control(id)) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto end = bytes.find('\0');
  const auto config = end == std::string_view::npos ? std::string_view() : bytes.substr(end + 1);
  auto tables = tokens::parse_hugging_face(bytes.substr(0, end), config);
  if (!tables) {
    if (tables.error().what.empty()) std::abort();
    return 0;
  }
  const auto made = tokens::Vocabulary::from_tables(std::move(*tables));
  if (made) use(*made);
  return 0;
}
