// Vocabularies that lie: each is refused with a typed error that names the place.
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tokens/limits.h"
#include "tokens/testing/made_up.h"
#include "tokens/vocabulary.h"

namespace dramatis::tokens {
namespace {

using Tables = VocabularyTables;
using testing::number_of;
constexpr auto kCorrupt = ErrorCode::kCorrupt;

struct Hostile {
  const char* name;
  void (*spoil)(Tables&);
  ErrorCode code;
  const char* what;
};

void expect_refused(Tables tables, const Hostile& row) {
  row.spoil(tables);
  const auto made = Vocabulary::from_tables(std::move(tables));
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, row.code) << made.error().what;
  EXPECT_THAT(made.error().what, ::testing::HasSubstr(row.what));
}

const Hostile kHostileLlama[] = {
    {"Kind", [](Tables& t) { t.kind = "bert"; }, ErrorCode::kUnsupported,
     "\"bert\"; \"gpt2\" and \"llama\""},
    {"MergeOfNothing", [](Tables& t) { t.merges = {"he zz"}; }, kCorrupt, "no token"},
    {"MergeOfOne", [](Tables& t) { t.merges = {"he"}; }, kCorrupt, "one space"},
    {"NoTokens", [](Tables& t) { t.tokens.clear(); }, kCorrupt, "0 entries"},
    {"OneToken", [](Tables& t) { t.tokens.resize(1); }, kCorrupt, "1 entries"},
    {"ManyTokens", [](Tables& t) { t.tokens.resize(kMaxTokens + 1); }, ErrorCode::kOverBudget,
     "at most"},
    {"FewScores", [](Tables& t) { t.scores.pop_back(); }, kCorrupt, "scores"},
    {"ManyScores", [](Tables& t) { t.scores.push_back(0); }, kCorrupt, "scores"},
    {"NanScore", [](Tables& t) { t.scores[9] = std::numeric_limits<double>::quiet_NaN(); },
     kCorrupt, "token 9"},
    {"NoTypes", [](Tables& t) { t.types.clear(); }, kCorrupt, "token_type"},
    {"FewTypes", [](Tables& t) { t.types.pop_back(); }, kCorrupt, "token_type"},
    {"Type99", [](Tables& t) { t.types[20] = 99; }, kCorrupt, "99"},
    {"Type0", [](Tables& t) { t.types[20] = 0; }, kCorrupt, "type 0"},
    {"NegativeByte", [](Tables& t) { t.tokens[20] = "<0x-1>"; }, kCorrupt, "<0x-1>"},
    {"ByteOfLetters", [](Tables& t) { t.tokens[20] = "<0xZZ>"; }, kCorrupt, "<0xZZ>"},
    {"Byte256", [](Tables& t) { t.tokens[20] = "<0x100>"; }, kCorrupt, "<0x100>"},
    {"SameByteTwice", [](Tables& t) { t.tokens[20] = "<0x0a>"; }, kCorrupt, "0x0A"},
    {"Empty", [](Tables& t) { t.tokens[280] = ""; }, kCorrupt, "Token 280 has 0 bytes"},
    {"Long", [](Tables& t) { t.tokens[280] = std::string(1 << 20, 'a'); }, kCorrupt, "1048576"},
    {"NotUtf8", [](Tables& t) { t.tokens[280] = "\xC3("; }, kCorrupt, "UTF-8"},
    {"Duplicate", [](Tables& t) { t.tokens[280] = t.tokens[281]; }, kCorrupt, "Tokens 280 and 281"},
    {"BeginNegative", [](Tables& t) { t.begin = -1; }, kCorrupt, "bos_token_id is -1"},
    {"EndIsVocab", [](Tables& t) { t.end = static_cast<std::int64_t>(t.tokens.size()); }, kCorrupt,
     "eos_token_id"},
    {"TurnEndHuge", [](Tables& t) { t.end_of_turn = std::int64_t{1} << 31; }, kCorrupt,
     "2147483648"},
    {"EndIsLeast", [](Tables& t) { t.end = std::numeric_limits<std::int64_t>::min(); }, kCorrupt,
     "eos_token_id"},
    {"BeginIsMost", [](Tables& t) { t.begin = std::numeric_limits<std::int64_t>::max(); }, kCorrupt,
     "bos_token_id"},
    {"EndIsByte", [](Tables& t) { t.end = 20; }, kCorrupt, "byte"},
};

const Hostile kHostileGpt2[] = {
    {"Pre", [](Tables& t) { t.pre = "nonesuch"; }, ErrorCode::kUnsupported,
     "\"nonesuch\"; known are \"gpt-2\", \"phi-2\", \"mpt\""},
    {"NoMerges", [](Tables& t) { t.merges.clear(); }, kCorrupt, "merges is missing"},
    {"ManyMerges", [](Tables& t) { t.merges.resize(kMaxMerges + 1); }, ErrorCode::kOverBudget,
     "merges"},
    {"NoSpace", [](Tables& t) { t.merges[1] = "he"; }, kCorrupt, "Merge 1, \"he\""},
    {"TwoSpaces", [](Tables& t) { t.merges[1] = "h e l"; }, kCorrupt, "one space"},
    {"EmptyPart", [](Tables& t) { t.merges[1] = " h"; }, kCorrupt, "no token"},
    {"UnknownPart", [](Tables& t) { t.merges[1] = "q zz"; }, kCorrupt, "no token"},
    {"WithItself", [](Tables& t) { t.merges[1] = "he he"; }, kCorrupt, "no token"},
    {"UnknownWhole", [](Tables& t) { t.merges[1] = "q q"; }, kCorrupt, "no token"},
    {"WholeIsControl", [](Tables& t) { t.types[259] = number_of(TokenType::kControl); }, kCorrupt,
     "no token"},
    {"EndIsALetter", [](Tables& t) { t.end = 71; }, kCorrupt, "no token"},
};

class HostileLlama : public ::testing::TestWithParam<Hostile> {};
// G22, G23, G24
TEST_P(HostileLlama, IsRefusedByName) {
  expect_refused(testing::made_up_llama(), GetParam());
}
INSTANTIATE_TEST_SUITE_P(Vocabulary, HostileLlama, ::testing::ValuesIn(kHostileLlama),
                         [](const auto& row) { return std::string(row.param.name); });

class HostileGpt2 : public ::testing::TestWithParam<Hostile> {};
// G24
TEST_P(HostileGpt2, IsRefusedByName) {
  expect_refused(testing::made_up_gpt2(), GetParam());
}
INSTANTIATE_TEST_SUITE_P(Vocabulary, HostileGpt2, ::testing::ValuesIn(kHostileGpt2),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace dramatis::tokens
