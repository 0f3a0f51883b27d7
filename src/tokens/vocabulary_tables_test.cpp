#include "tokens/vocabulary_tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/gguf_writer.h"
#include "formats/testing/gguf_bytes.h"
#include "tokens/testing/made_up.h"
#include "tokens/vocabulary.h"

namespace dramatis::tokens {
namespace {

Result<formats::Gguf> written(const formats::GgufWriter& writer) {
  DRAMATIS_TRY(auto bytes, writer.finish());
  return formats::Gguf::parse(std::move(bytes));
}

TEST(VocabularyTables, AreReadFromAFileAsTheyWereWritten) {
  const auto made = testing::made_up_llama();
  formats::GgufWriter writer;
  writer.add_text("tokenizer.ggml.model", made.kind);
  writer.add_texts("tokenizer.ggml.tokens", made.tokens);
  writer.add_i32s("tokenizer.ggml.token_type",
                  std::vector<std::int32_t>(made.types.begin(), made.types.end()));
  writer.add_f32s("tokenizer.ggml.scores",
                  std::vector<float>(made.scores.begin(), made.scores.end()));
  writer.add_u32("tokenizer.ggml.bos_token_id", 1);
  writer.add_u32("tokenizer.ggml.eos_token_id", 2);
  writer.add_bool("tokenizer.ggml.add_bos_token", true);
  writer.add_bool("tokenizer.ggml.add_space_prefix", false);
  const auto file = written(writer);
  ASSERT_TRUE(file) << file.error().what;
  const auto vocabulary = Vocabulary::from_gguf(*file);
  ASSERT_TRUE(vocabulary) << vocabulary.error().what;
  EXPECT_EQ(vocabulary->size(), made.tokens.size());
  EXPECT_EQ(vocabulary->kind(), "llama");
  EXPECT_EQ(vocabulary->begin(), TokenId{1});
  EXPECT_FALSE(vocabulary->puts_space_first());
}

// G22
TEST(VocabularyTables, AFileWithoutAVocabularyIsRefused) {
  formats::GgufWriter writer;
  writer.add_text("general.architecture", "llama");
  const auto tables = read_tables(*written(writer));
  ASSERT_FALSE(tables);
  EXPECT_THAT(tables.error().what, ::testing::HasSubstr("tokenizer.ggml.model"));
}

// G22, G24
TEST(VocabularyTables, AKeyOfAnotherTypeIsRefusedByName) {
  const std::vector<std::int32_t> integers(8, 1);
  const std::vector<std::string> texts(8, "a");
  for (const char* key :
       {"model", "pre", "tokens", "token_type", "scores", "merges", "bos_token_id", "eos_token_id",
        "eot_token_id", "add_bos_token", "add_space_prefix"}) {
    const std::string whole = std::string("tokenizer.ggml.") + key;
    formats::GgufWriter writer;
    if (whole != "tokenizer.ggml.model") writer.add_text("tokenizer.ggml.model", "llama");
    if (std::string_view(key) == "token_type" || std::string_view(key) == "bos_token_id") {
      writer.add_texts(whole, texts);
    } else {
      writer.add_i32s(whole, integers);
    }
    const auto tables = read_tables(*written(writer));
    ASSERT_FALSE(tables) << key;
    EXPECT_EQ(tables.error().code, ErrorCode::kCorrupt);
    EXPECT_THAT(tables.error().what, ::testing::HasSubstr(whole));
  }
}

// G22: as many scores as there are tokens, but bytes, of which a reader of floats would want four
// times as many.
TEST(VocabularyTables, ScoresThatAreBytesAreRefused) {
  const auto made = testing::made_up_llama();
  formats::testing::GgufBytes bytes;
  bytes.header(0, 3).key("tokenizer.ggml.model", 8).text("llama");
  bytes.array("tokenizer.ggml.tokens", 8, made.tokens.size());
  for (const auto& token : made.tokens) bytes.text(token);
  bytes.array("tokenizer.ggml.scores", 0, made.tokens.size()).zeros(made.tokens.size());
  const auto tables = read_tables(formats::Gguf::parse(bytes.bytes()).value());
  ASSERT_FALSE(tables);
  EXPECT_EQ(tables.error().code, ErrorCode::kCorrupt);
  EXPECT_THAT(tables.error().what, ::testing::HasSubstr("tokenizer.ggml.scores"));
}

}  // namespace
}  // namespace dramatis::tokens
