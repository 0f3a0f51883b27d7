// Real vocabularies: every id of the reference answers, and control tokens' spellings as letters.
#include <fstream>
#include <iterator>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tokens/testing/reference_files.h"
#include "tokens/vocabulary.h"

namespace dramatis::tokens {
namespace {

std::string slurp(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class Reference : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    path_ = testing::test_data() / "tokenizers" / (std::string(GetParam()) + ".gguf");
    if (!std::filesystem::exists(path_)) GTEST_SKIP() << path_ << " is absent";
    const auto file = formats::Gguf::read(path_);
    ASSERT_TRUE(file) << file.error().what;
    auto read = Vocabulary::from_gguf(*file);
    ASSERT_TRUE(read) << read.error().what;
    vocabulary_.emplace(std::move(*read));
  }
  std::filesystem::path path_;
  std::optional<Vocabulary> vocabulary_;
};

TEST_P(Reference, GivesTheIdsOfTheReference) {
  // A text and its newline, then the separator's line.
  const auto texts = testing::parts_of(slurp(path_.string() + ".inp"), "\n__ggml_vocab_test__\n");
  const auto answers = testing::parts_of(slurp(path_.string() + ".out"), "\n");
  ASSERT_GE(texts.size(), 40U);
  ASSERT_GE(answers.size(), texts.size());
  for (std::size_t n = 0; n < texts.size(); ++n) {
    const auto ids = vocabulary_->encode(texts[n], Special::kAsLetters);
    ASSERT_TRUE(ids) << ids.error().what;
    std::string printed;
    for (const auto id : *ids) printed += fmt::format(" {}", static_cast<int>(id));
    EXPECT_EQ(printed, answers[n]) << "text " << n << ": " << texts[n];
  }
}

TEST_P(Reference, DecodesWhatItEncoded) {
  for (const auto& text :
       testing::parts_of(slurp(path_.string() + ".inp"), "\n__ggml_vocab_test__\n")) {
    const auto ids = vocabulary_->encode(text, Special::kAsLetters, Place::kInside);
    std::string back;
    for (const auto id : *ids) back += vocabulary_->bytes_of(id);
    EXPECT_EQ(back, text);
  }
}

// E8
TEST_P(Reference, SpellingEveryControlTokenYieldsNone) {
  std::string all;
  for (std::size_t id = 0; id < vocabulary_->size(); ++id) {
    if (vocabulary_->is_control(static_cast<TokenId>(id))) {
      all += std::string(vocabulary_->name_of(static_cast<TokenId>(id))) + "x ";
    }
  }
  ASSERT_FALSE(all.empty());
  const auto ids = vocabulary_->encode(all, Special::kAsLetters);
  for (const auto id : *ids) EXPECT_FALSE(vocabulary_->is_control(id));
}

INSTANTIATE_TEST_SUITE_P(Files, Reference, ::testing::Values("gpt-2", "llama-spm", "deepseek-llm"),
                         [](const auto& row) {
                           std::string name = row.param;
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace dramatis::tokens
