#include "search/matched_index.h"

#include <cmath>
#include <cstring>

#include <gtest/gtest.h>

namespace dramatis::search {
namespace {

constexpr std::size_t kBuckets = 4096;
constexpr std::size_t kWidth = 8;

// A matcher in which "father" and "dad" share a direction and every other feature has none.
Result<Matcher> family_matcher() {
  std::vector<std::uint16_t> vectors(kBuckets * kWidth, 0);
  std::vector<std::uint16_t> weights(kBuckets, 0x3C00);                     // 1.0 in binary16
  for (std::size_t b = 0; b < kBuckets; ++b) vectors[b * kWidth] = 0x1000;  // tiny, never zero
  const auto point = [&](const char* word, std::size_t axis) {
    for (const auto feature : features_of(word, kBuckets))
      vectors[feature * kWidth + axis] = 0x3C00;
  };
  point("father", 1);
  point("dad", 1);
  point("horse", 2);
  const auto bytes = [](const std::vector<std::uint16_t>& v) {
    return std::as_bytes(std::span(v));
  };
  const std::vector<formats::SafeTensor> tensors = {{.name = "vectors",
                                                     .dtype = formats::SafeDtype::kF16,
                                                     .shape = {kBuckets, kWidth},
                                                     .bytes = bytes(vectors)},
                                                    {.name = "weights",
                                                     .dtype = formats::SafeDtype::kF16,
                                                     .shape = {kBuckets},
                                                     .bytes = bytes(weights)}};
  DRAMATIS_TRY(
      const auto file,
      formats::Safetensors::parse(formats::write_safetensors(
          tensors,
          {{"slope", "10"}, {"margin_slope", "5"}, {"offset", "-6"}, {"word_weight", "0.1"}})));
  return Matcher::from(file);
}

TEST(Matcher, FeaturesAreWordsPairsAndPieces) {
  EXPECT_EQ(features_of("Don't", 1 << 20), features_of("dont", 1 << 20));
  EXPECT_EQ(features_of("a", 1 << 20).size(), 3U);  // the word and the two pairs at its ends
  EXPECT_EQ(features_of("", 1 << 20).size(), 1U);   // the pair of both ends
  EXPECT_LE(features_of(std::string(100'000, 'x') + " y z", 1 << 20).size(), 2048U);
  EXPECT_NE(features_of("old king", 1 << 20), features_of("king old", 1 << 20));
}

TEST(Matcher, VectorsHaveUnitLength) {
  const Matcher matcher = family_matcher().value();
  double square = 0;
  for (const float x : matcher.embed("my father's horse")) square += x * x;
  EXPECT_NEAR(square, 1.0, 1e-5);
}

TEST(MatchedIndex, FindsAGroupByMeaningAndKeepsItsDocumentsTogether) {
  const Matcher matcher = family_matcher().value();
  const std::vector<Document> documents = {
      {.id = "h", .text = "horse", .text2 = "", .owner = "", .group = "horse"},
      {.id = "f1", .text = "father", .text2 = "", .owner = "", .group = "father"},
      {.id = "f2", .text = "the father then", .text2 = "", .owner = "", .group = "father"}};
  const auto index = MatchedIndex::build(documents, matcher).value();
  const auto hits = index->nearest("dad", 3).value();
  ASSERT_EQ(hits.size(), 3U);
  EXPECT_EQ(hits[0].id, "f1");
  EXPECT_EQ(hits[1].id, "f2");
  EXPECT_LT(hits[1].score, hits[0].score);
  EXPECT_GT(hits[1].score, 0.7 * hits[0].score);
  EXPECT_GT(hits[0].score, 0.9);
  EXPECT_LT(hits[2].score, 0.1);
  EXPECT_TRUE(index->nearest("  ", 3).value().empty());
}

TEST(MatchedIndex, AQuestionWithoutAnAnswerLeadsToItsGroupAndIsNoHit) {
  const Matcher matcher = family_matcher().value();
  const std::vector<Document> documents = {
      {.id = "h", .text = "horse", .text2 = "Grey.", .owner = "", .group = "horse"},
      {.id = "wording", .text = "father", .text2 = "", .owner = "", .group = "parents"},
      {.id = "m", .text = "mother horse", .text2 = "A smith.", .owner = "", .group = "parents"}};
  const auto index = MatchedIndex::build(documents, matcher).value();
  const auto hits = index->nearest("dad", 3).value();
  ASSERT_EQ(hits.size(), 2U);
  EXPECT_EQ(hits[0].id, "m");
  EXPECT_GT(hits[0].score, 0.9);
}

TEST(Matcher, RefusesAFileWithoutItsParts) {
  const auto empty = formats::Safetensors::parse(formats::write_safetensors({}, {})).value();
  EXPECT_EQ(Matcher::from(empty).error().code, ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace dramatis::search
