// Any bytes as a text, as a tokenizer.json and as a vocab.txt -> ids or an Error. A vocabulary that
// was accepted encodes every text between its first and its last token.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "text/utf8.h"
#include "tokens/word_pieces.h"

namespace {

namespace tokens = dramatis::tokens;

void encode(const tokens::WordPieces& words, std::string_view text) {
  const auto ids = words.encode(text);
  if (ids.has_value() != dramatis::text::is_valid_utf8(text)) std::abort();
  if (!ids) return;
  if (ids->size() < 2) std::abort();
  for (const auto id : *ids) static_cast<void>(words.name_of(id));
}

void use(dramatis::Result<tokens::WordPieceTables> read, std::string_view text) {
  if (!read) {
    if (read.error().what.empty()) std::abort();
    return;
  }
  const auto words = tokens::WordPieces::from_tables(std::move(*read));
  if (words) encode(*words, text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto own = tokens::WordPieces::from_tables(
      {.tokens = {"[UNK]", "[CLS]", "[SEP]", "a", "##a", "the", "##e", "!", "\xE6\xBC\xA2"}});
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (!own) std::abort();
  encode(*own, bytes);
  use(tokens::parse_word_pieces(bytes, ""), "The \xC3\xA9t\xC3\xA9!");
  use(tokens::parse_vocab_lines(bytes, ""), "The \xC3\xA9t\xC3\xA9!");
  return 0;
}
