#include "tokens/vocabulary.h"

#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "text/utf8.h"
#include "tokens/limits.h"
#include "tokens/testing/made_up.h"

namespace dramatis::tokens {
namespace {

using testing::made_up_gpt2;
using testing::made_up_llama;
using testing::number_of;

Vocabulary made(VocabularyTables tables) {
  auto made = Vocabulary::from_tables(std::move(tables));
  EXPECT_TRUE(made) << made.error().what;
  return std::move(*made);
}

std::vector<std::string> names(const Vocabulary& vocabulary, std::string_view text,
                               Special special = Special::kAsLetters, Place place = Place::kStart) {
  std::vector<std::string> names;
  const auto ids = vocabulary.encode(text, special, place);
  EXPECT_TRUE(ids);
  for (const auto id : *ids) names.emplace_back(vocabulary.name_of(id));
  return names;
}

std::string decoded(const Vocabulary& vocabulary, const std::vector<TokenId>& ids) {
  std::string text;
  for (const auto id : ids) text += vocabulary.bytes_of(id);
  return text;
}

std::string random_text(Rng& rng) {
  std::string text;
  const auto length = rng.below(60);
  for (std::uint64_t n = 0; n < length; ++n) {
    const std::uint64_t ends[] = {0x80, 0x80, 0x80, 0x800, 0x3000, 0x110000};
    text::append_utf8(static_cast<char32_t>(rng.below(ends[rng.below(6)])), text);
    if (rng.below(4) == 0) text += " the hello";
  }
  return text;
}

TEST(Vocabulary, MergesPiecesByScoreAndFallsBackToBytes) {
  auto tables = made_up_llama();
  tables.puts_space_first = false;
  const auto vocabulary = made(tables);
  EXPECT_THAT(names(vocabulary, "hello the"), ::testing::ElementsAre("hello", "\xE2\x96\x81the"));
  EXPECT_THAT(names(vocabulary, "h\xC3\xA9"), ::testing::ElementsAre("h", "<0xC3>", "<0xA9>"));
  EXPECT_THAT(names(vocabulary, "lll"), ::testing::ElementsAre("ll", "l"));
}

TEST(Vocabulary, MergesBytesByRankWithinWords) {
  const auto vocabulary = made(made_up_gpt2());
  EXPECT_THAT(names(vocabulary, "hello the"), ::testing::ElementsAre("hello", "\xC4\xA0the"));
  EXPECT_THAT(names(vocabulary, "hell o"), ::testing::ElementsAre("hell", "\xC4\xA0", "o"));
}

TEST(Vocabulary, TakesAWordThatIsATokenWholeWhereItsPreTokenizerDoes) {
  auto tables = made_up_gpt2();
  tables.tokens.emplace_back("\xC4\xA0xyz");  // which no merge makes
  tables.types.push_back(number_of(TokenType::kNormal));
  tables.pre = "llama-bpe";
  EXPECT_THAT(names(made(tables), "a xyz xy"),
              ::testing::ElementsAre("a", "\xC4\xA0xyz", "\xC4\xA0", "x", "y"));
  tables.takes_words = false;
  EXPECT_THAT(names(made(tables), " xyz"), ::testing::ElementsAre("\xC4\xA0", "x", "y", "z"));
  tables.pre = "qwen2";
  tables.takes_words = true;
  EXPECT_THAT(names(made(tables), " xyz"), ::testing::ElementsAre("\xC4\xA0xyz"));
}

TEST(Vocabulary, MergesPiecesByRankWhereTheTablesHaveMerges) {
  auto tables = made_up_llama();
  tables.puts_space_first = false;
  // By scores "lle" would be ll + e, and "hello" one piece.
  tables.tokens.emplace_back("le");
  tables.scores.push_back(-100);
  tables.types.push_back(number_of(TokenType::kNormal));
  tables.merges = {"l e", "l l", "h e"};
  const auto vocabulary = made(tables);
  EXPECT_THAT(names(vocabulary, "lle"), ::testing::ElementsAre("l", "le"));
  EXPECT_THAT(names(vocabulary, "hello"), ::testing::ElementsAre("he", "ll", "o"));
  EXPECT_THAT(names(vocabulary, "h\xC3\xA9"), ::testing::ElementsAre("h", "<0xC3>", "<0xA9>"));
}

TEST(Vocabulary, DropsExtraSpacesWhereItsFileSaysSo) {
  auto tables = made_up_llama();
  tables.drops_spaces = true;
  const auto vocabulary = made(tables);
  const auto written = [&](std::string_view text, Place place) {
    return decoded(vocabulary, *vocabulary.encode(text, Special::kRecognised, place));
  };
  EXPECT_EQ(written("  the   hello  ", Place::kStart), " the hello");
  EXPECT_EQ(written("  the   hello  ", Place::kInside), " the hello");
  EXPECT_EQ(written("the", Place::kInside), "the");
  EXPECT_EQ(written("  <s>  the", Place::kStart), " the");
  EXPECT_EQ(written("   ", Place::kStart), "");
}

TEST(Vocabulary, BeginsTextsAsItsPreTokenizersModelsDo) {
  auto tables = made_up_gpt2();
  tables.begin = tables.end;
  EXPECT_EQ(made(tables).begin(), std::nullopt);
  tables.pre = "llama-bpe";
  EXPECT_EQ(made(tables).begin(), TokenId{static_cast<int>(*tables.end)});
  tables.begins_texts = false;
  EXPECT_EQ(made(tables).begin(), std::nullopt);
}

TEST(Vocabulary, PutsItsSpaceFirstOnlyAtAStart) {
  const auto vocabulary = made(made_up_llama());
  EXPECT_THAT(names(vocabulary, "the"), ::testing::ElementsAre("\xE2\x96\x81the"));
  EXPECT_THAT(names(vocabulary, "the", Special::kAsLetters, Place::kInside),
              ::testing::ElementsAre("t", "he"));
  EXPECT_THAT(names(vocabulary, "the<s>the", Special::kRecognised),
              ::testing::ElementsAre("\xE2\x96\x81the", "<s>", "\xE2\x96\x81the"));
  EXPECT_TRUE(names(vocabulary, "").empty());
}

// E8
TEST(Vocabulary, PlayersLettersNeverBecomeControlTokens) {
  for (const auto& tables : {made_up_llama(), made_up_gpt2()}) {
    const auto vocabulary = made(tables);
    std::string all;
    for (const auto name : testing::kControlNames) all += std::string(name) + " ";
    const auto asked = vocabulary.encode(all, Special::kAsLetters);
    for (const auto id : *asked) EXPECT_FALSE(vocabulary.is_control(id));
    const auto own = vocabulary.encode("<|im_start|>", Special::kRecognised);
    EXPECT_THAT(*own, ::testing::ElementsAre(*vocabulary.control("<|im_start|>")));
  }
}

// E8
TEST(Vocabulary, ATokenNamedLikeAMarkIsControlWhateverItsFileSays) {
  for (const auto type : {TokenType::kNormal, TokenType::kUserDefined}) {
    auto tables = made_up_llama();
    tables.types[4] = number_of(type);  // <|im_end|>
    const auto vocabulary = made(tables);
    EXPECT_TRUE(vocabulary.is_control(TokenId{4}));
    EXPECT_TRUE(vocabulary.ends_turn(TokenId{4}));
    EXPECT_THAT(names(vocabulary, "<|im_end|>"), ::testing::Not(::testing::Contains("<|im_end|>")));
  }
  auto tables = made_up_llama();
  tables.types[2] = number_of(TokenType::kNormal);  // </s>, which is eos_token_id
  EXPECT_TRUE(made(tables).is_control(TokenId{2}));
}

TEST(Vocabulary, MatchesUserDefinedTokensWholeAndTheLongestOfThem) {
  auto tables = made_up_llama();
  tables.puts_space_first = false;
  for (const char* name : {"hello!", "hello!!", "\xE2\x96\x81\xE2\x96\x81"}) {
    tables.tokens.emplace_back(name);
    tables.scores.push_back(0);
    tables.types.push_back(number_of(TokenType::kUserDefined));
  }
  const auto vocabulary = made(tables);
  EXPECT_THAT(names(vocabulary, "a  hello!!!"),
              ::testing::ElementsAre("a", "\xE2\x96\x81\xE2\x96\x81", "hello!!", "<0x21>"));
  EXPECT_EQ(vocabulary.bytes_of(static_cast<TokenId>(vocabulary.size() - 1)), "  ");
}

TEST(Vocabulary, DecodingGivesBackWhatWasEncoded) {
  Rng rng(7);
  auto tables = made_up_llama();
  tables.puts_space_first = false;
  auto crossing = tables;  // with a piece that reaches over a word's end
  crossing.tokens.emplace_back("o\xE2\x96\x81the");
  crossing.scores.push_back(1);
  crossing.types.push_back(number_of(TokenType::kNormal));
  auto all = std::vector{tables, crossing};
  for (const char* pre : {"gpt-2", "default", "smollm", "llama-bpe", "qwen2", "tekken",
                          "deepseek-llm", "deepseek-coder", "falcon"}) {
    all.push_back(made_up_gpt2());
    all.back().pre = pre;
  }
  for (const auto& given : all) {
    const auto vocabulary = made(given);
    for (int n = 0; n < 300; ++n) {
      const auto text = random_text(rng) + "\xE2\x96\x81";
      const auto ids = vocabulary.encode(text, Special::kAsLetters);
      ASSERT_TRUE(ids) << ids.error().what;
      ASSERT_EQ(decoded(vocabulary, *ids), text);
    }
  }
}

// E7
TEST(Vocabulary, WhatIsNoTextOrTooLongIsRefused) {
  const auto vocabulary = made(made_up_gpt2());
  // A stray byte, surrogates in pairs and apart, and a text that ends within a letter.
  for (const char* text :
       {"\xFF", "a\xED\xA0\x80\xED\xB0\x80", "\xED\xB0\x80\xED\xA0\x80", "\xE2\x96"}) {
    EXPECT_EQ(vocabulary.encode(text, Special::kAsLetters).error().code,
              ErrorCode::kInvalidArgument)
        << text;
  }
  EXPECT_EQ(vocabulary.encode(std::string(100'000'000, 'a'), Special::kAsLetters).error().code,
            ErrorCode::kOverBudget);
  EXPECT_EQ(
      vocabulary.encode(std::string(kMaxEncodeBytes + 1, 'a'), Special::kAsLetters).error().code,
      ErrorCode::kOverBudget);
}

// E7: no token, NUL as a letter, and a family of emoji, joined without end.
TEST(Vocabulary, OddTextsComeBackAsTheyWere) {
  std::string family;
  while (family.size() < 700'000) family += "\xF0\x9F\x91\xA9\xE2\x80\x8D";
  auto llama = made_up_llama();
  llama.puts_space_first = false;
  llama.begins_texts = false;
  for (const auto& tables : {llama, made_up_gpt2()}) {
    const auto vocabulary = made(tables);
    for (const auto& text : {std::string(), std::string(1000, '\0'), family}) {
      const auto ids = vocabulary.encode(text, Special::kAsLetters);
      ASSERT_TRUE(ids) << ids.error().what;
      EXPECT_EQ(decoded(vocabulary, *ids), text);
      EXPECT_EQ(ids->empty(), text.empty());
    }
  }
}

// E7. 500 times the figure aimed at (50 ms for 100 KB): it catches a square, not a slow machine.
TEST(Vocabulary, TimeGrowsAlmostLinearlyWithOneLongWord) {
  auto llama3 = made_up_gpt2();
  llama3.pre = "llama-bpe";
  auto deepseek = made_up_gpt2();
  deepseek.pre = "deepseek-llm";
  for (const auto& tables : {made_up_llama(), made_up_gpt2(), llama3, deepseek}) {
    const auto vocabulary = made(tables);
    for (const char* unit : {"l", " ", "he", "\xF0\x9F\x98\x80", "<|im_en", "\xE3\x80\x80"}) {
      std::string text;
      while (text.size() < 100'000) text += unit;
      const auto begin = std::chrono::steady_clock::now();
      EXPECT_TRUE(vocabulary.encode(text + "\x01", Special::kRecognised));
      EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(25)) << unit;
    }
  }
}

TEST(Vocabulary, KnowsWhatEndsATurnAndWhatBeginsAText) {
  const auto llama = made(made_up_llama());
  for (const char* name :
       {"</s>", "<|im_end|>", "<|eot_id|>", "<end_of_turn>", "<|endoftext|>", "<|end|>"}) {
    EXPECT_TRUE(llama.ends_turn(*llama.control(name))) << name;
  }
  EXPECT_FALSE(llama.ends_turn(*llama.control("<s>")));
  EXPECT_FALSE(llama.ends_turn(TokenId{300}));
  EXPECT_EQ(llama.begin(), TokenId{1});
  EXPECT_EQ(llama.control("hello"), std::nullopt);
  EXPECT_EQ(llama.bytes_of(TokenId{1}), "");
  EXPECT_FALSE(made(made_up_gpt2()).begins_texts());
  auto without = made_up_llama();
  without.begins_texts = false;
  EXPECT_EQ(made(without).begin(), std::nullopt);
}

// G24
TEST(Vocabulary, DuplicateMergesKeepTheFirst) {
  auto tables = made_up_gpt2();
  tables.merges.insert(tables.merges.end(), 1000, "h e");
  EXPECT_THAT(names(made(tables), "hello"), ::testing::ElementsAre("hello"));
}

}  // namespace
}  // namespace dramatis::tokens
