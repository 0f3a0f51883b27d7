// Any bytes as a GGUF vocabulary -> a Vocabulary or an Error; one that was accepted encodes and
// decodes. Bytes that are no GGUF are read as a list of tokens, so that the checks behind the
// format are reached.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tokens/testing/made_up.h"
#include "tokens/vocabulary.h"

namespace {

namespace tokens = dramatis::tokens;

// Lines: "type token"; a line that begins with a space is a merge.
tokens::VocabularyTables tables_of(std::string_view text) {
  auto tables =
      text.starts_with('L') ? tokens::testing::made_up_llama() : tokens::testing::made_up_gpt2();
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size() < text.size() ? line.size() + 1 : line.size());
    if (line.starts_with(' ')) {
      tables.merges.emplace_back(line.substr(1));
    } else if (line.size() > 2) {
      tables.types.push_back(line[0] - '0');
      tables.tokens.emplace_back(line.substr(1));
      tables.scores.push_back(line[1]);
    }
  }
  if (tables.kind == "gpt2") tables.scores.clear();
  return tables;
}

void use(const tokens::Vocabulary& vocabulary) {
  const std::string_view text = "<s> the hello \xF0\x9F\x98\x80\n<|im_end|>  aaaa";
  const auto ids = vocabulary.encode(text, tokens::Special::kAsLetters);
  if (!ids) std::abort();
  for (const auto id : *ids) {
    if (vocabulary.is_control(id)) std::abort();
  }
  for (std::size_t id = 0; id < vocabulary.size(); ++id) {
    const auto token = static_cast<dramatis::TokenId>(id);
    if (vocabulary.is_control(token) && !vocabulary.bytes_of(token).empty()) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto* begin = reinterpret_cast<const std::byte*>(data);
  const auto file = dramatis::formats::Gguf::parse(std::vector<std::byte>(begin, begin + size));
  const auto made =
      file
          ? tokens::Vocabulary::from_gguf(*file)
          : tokens::Vocabulary::from_tables(tables_of({reinterpret_cast<const char*>(data), size}));
  if (made) {
    use(*made);
  } else if (made.error().what.empty()) {
    std::abort();
  }
  return 0;
}
