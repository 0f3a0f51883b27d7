// Any bytes -> ids and back; what is no text is an Error, what is decodes to itself, without
// control tokens.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "text/utf8.h"
#include "tokens/stream_decoder.h"
#include "tokens/testing/made_up.h"
#include "tokens/vocabulary.h"

namespace {

namespace tokens = dramatis::tokens;

tokens::Vocabulary made(tokens::VocabularyTables tables) {
  auto made = tokens::Vocabulary::from_tables(std::move(tables));
  if (!made) std::abort();
  return std::move(*made);
}

tokens::VocabularyTables without_space() {
  auto tables = tokens::testing::made_up_llama();
  tables.puts_space_first = false;
  return tables;
}

tokens::VocabularyTables with_merges() {
  auto tables = without_space();
  tables.merges = {"h e", "l l", "he ll", "hell o", "\xE2\x96\x81 t", "\xE2\x96\x81t he"};
  return tables;
}

tokens::VocabularyTables with_pre(const char* pre) {
  auto tables = tokens::testing::made_up_gpt2();
  tables.pre = pre;
  return tables;
}

void there_and_back(const tokens::Vocabulary& vocabulary, std::string_view text) {
  const auto ids = vocabulary.encode(text, tokens::Special::kAsLetters);
  if (ids.has_value() != dramatis::text::is_valid_utf8(text)) std::abort();
  if (!ids) return;
  std::string back;
  tokens::StreamDecoder decoder(vocabulary);
  for (const auto id : *ids) {
    if (vocabulary.is_control(id)) std::abort();
    back += decoder.push(id);
  }
  if (back + decoder.finish() != text) std::abort();
  if (!vocabulary.encode(text, tokens::Special::kRecognised)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const tokens::Vocabulary vocabularies[] = {
      made(without_space()),          made(with_merges()),
      made(with_pre("gpt-2")),        made(with_pre("default")),
      made(with_pre("smollm")),       made(with_pre("llama-bpe")),
      made(with_pre("qwen2")),        made(with_pre("tekken")),
      made(with_pre("deepseek-llm")), made(with_pre("deepseek-coder")),
      made(with_pre("falcon"))};
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto& vocabulary : vocabularies) there_and_back(vocabulary, text);
  return 0;
}
