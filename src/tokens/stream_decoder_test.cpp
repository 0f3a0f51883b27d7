#include "tokens/stream_decoder.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "text/utf8.h"
#include "tokens/testing/made_up.h"

namespace dramatis::tokens {
namespace {

TokenId byte_token(unsigned char byte) {
  return static_cast<TokenId>(14 + byte);
}

// E9
TEST(StreamDecoder, HoldsHalfACodePointBack) {
  const auto vocabulary = Vocabulary::from_tables(testing::made_up_llama());
  StreamDecoder decoder(*vocabulary);
  EXPECT_EQ(decoder.push(byte_token(0xF0)), "");
  EXPECT_EQ(decoder.push(byte_token(0x9F)), "");
  EXPECT_EQ(decoder.push(byte_token(0x98)), "");
  EXPECT_EQ(decoder.push(byte_token(0x80)), "\xF0\x9F\x98\x80");
  EXPECT_EQ(decoder.finish(), "");
}

// E9
TEST(StreamDecoder, ReplacesWhatNoLaterByteCanMend) {
  const auto vocabulary = Vocabulary::from_tables(testing::made_up_llama());
  StreamDecoder decoder(*vocabulary);
  EXPECT_EQ(decoder.push(byte_token(0xFF)), "\xEF\xBF\xBD");
  EXPECT_EQ(decoder.push(byte_token(0xE2)), "");
  EXPECT_EQ(decoder.push(byte_token('a')),
            "\xEF\xBF\xBD"
            "a");
  EXPECT_EQ(decoder.push(byte_token(0xE2)), "");
  EXPECT_EQ(decoder.push(TokenId{4}), "");  // a control token writes nothing
  EXPECT_EQ(decoder.finish(), "\xEF\xBF\xBD");
  EXPECT_EQ(decoder.finish(), "");
}

// E9: the same bytes as many byte tokens, and as the tokens that encode gives.
TEST(StreamDecoder, GivesTheSameTextHoweverItIsSplit) {
  auto tables = testing::made_up_llama();
  tables.puts_space_first = false;
  const auto vocabulary = Vocabulary::from_tables(std::move(tables));
  Rng rng(11);
  for (int n = 0; n < 300; ++n) {
    std::string text;
    for (int m = 0; m < 20; ++m) text::append_utf8(static_cast<char32_t>(rng.below(0x20000)), text);
    text += " hello the";
    std::string whole;
    std::string bytes;
    StreamDecoder first(*vocabulary);
    StreamDecoder second(*vocabulary);
    const auto ids = vocabulary->encode(text, Special::kAsLetters);
    for (const auto id : *ids) {
      whole += first.push(id);
      ASSERT_TRUE(text::is_valid_utf8(whole));
    }
    for (const char c : text) bytes += second.push(byte_token(static_cast<unsigned char>(c)));
    EXPECT_EQ(whole + first.finish(), text);
    EXPECT_EQ(bytes + second.finish(), text);
  }
}

// E9
TEST(StreamDecoder, InvalidBytesAreRepairedAsInOnePiece) {
  const auto vocabulary = Vocabulary::from_tables(testing::made_up_llama());
  Rng rng(12);
  for (int n = 0; n < 2000; ++n) {
    std::string bytes;
    std::string shown;
    StreamDecoder decoder(*vocabulary);
    for (std::uint64_t m = rng.below(9); m > 0; --m) {
      bytes += static_cast<char>(rng.below(3) == 0 ? rng.below(128) : 128 + rng.below(128));
      shown += decoder.push(byte_token(static_cast<unsigned char>(bytes.back())));
    }
    shown += decoder.finish();
    ASSERT_EQ(shown, text::repair_utf8(bytes));
  }
}

}  // namespace
}  // namespace dramatis::tokens
