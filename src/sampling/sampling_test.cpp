#include <cmath>
#include <limits>
#include <map>

#include <gtest/gtest.h>

#include "sampling/pick.h"
#include "sampling/stop_matcher.h"

namespace dramatis::sampling {
namespace {

// Nothing truncated, nothing sharpened.
lm::Sampling open_sampling() {
  lm::Sampling how;
  how.temperature = 1;
  how.top_k = 0;
  how.top_p = 1;
  return how;
}
lm::Sampling greedy() {
  lm::Sampling how;
  how.temperature = 0;
  return how;
}

std::map<int, int> draws(const std::vector<float>& logits, const lm::Sampling& how,
                         std::span<const TokenId> said = {}) {
  Rng rng(5);
  std::map<int, int> counts;
  for (int n = 0; n < 10'000; ++n) {
    auto copy = logits;
    ++counts[static_cast<int>(pick(copy, how, {.all = said}, nullptr, rng).value())];
  }
  return counts;
}

TEST(Pick, TemperatureZeroTakesTheLikeliestAndTheSmallerOfEquals) {
  Rng rng(1);
  std::vector<float> logits = {1, 5, 3, 5};
  EXPECT_EQ(pick(logits, greedy(), {}, nullptr, rng).value(), TokenId{1});
  EXPECT_EQ(rng.next(), Rng(1).next());
}

TEST(Pick, DrawsByProbability) {
  const auto counts = draws({std::log(0.5F), std::log(0.3F), std::log(0.2F)}, open_sampling());
  // Four standard deviations of 10 000 draws are 200.
  EXPECT_NEAR(counts.at(0), 5000, 200);
  EXPECT_NEAR(counts.at(1), 3000, 200);
  EXPECT_NEAR(counts.at(2), 2000, 200);
}

TEST(Pick, TemperatureSharpens) {
  auto how = open_sampling();
  how.temperature = 0.5;  // squares probabilities: 0.25 to 0.09 to 0.04
  EXPECT_NEAR(draws({std::log(0.5F), std::log(0.3F), std::log(0.2F)}, how).at(0), 6579, 200);
}

TEST(Pick, TruncatesByRankSumAndShare) {
  const std::vector<float> logits = {std::log(0.1F), std::log(0.4F), std::log(0.3F),
                                     std::log(0.2F)};
  auto by_rank = open_sampling();
  by_rank.top_k = 2;
  EXPECT_EQ(draws(logits, by_rank).size(), 2U);
  EXPECT_FALSE(draws(logits, by_rank).contains(3));
  auto by_sum = open_sampling();
  by_sum.top_p = 0.65;
  EXPECT_EQ(draws(logits, by_sum).size(), 2U);
  by_sum.top_p = 1e-6;
  EXPECT_EQ(draws(logits, by_sum).size(), 1U);
  auto by_share = open_sampling();
  by_share.min_p = 0.4;
  EXPECT_EQ(draws(logits, by_share).size(), 3U);
  by_share.min_p = 0.6;
  EXPECT_EQ(draws(logits, by_share).size(), 2U);
}

TEST(Pick, SameSeedSameTokens) {
  const std::vector<float> logits = {0, 0.1F, 0.2F, 0.3F};
  EXPECT_EQ(draws(logits, open_sampling()), draws(logits, open_sampling()));
}

TEST(Pick, PunishesWhatWasSaidInTheWindowOnly) {
  const std::vector<TokenId> said = {TokenId{0}, TokenId{2}, TokenId{2}};
  Rng rng(1);
  auto how = greedy();
  how.repetition_penalty = 2;
  how.repetition_window = 2;
  std::vector<float> logits = {2.0F, 1.5F, 2.5F};
  EXPECT_EQ(pick(logits, how, {.all = said}, nullptr, rng).value(), TokenId{0});
  EXPECT_EQ(logits[2], 1.25F);  // once, though said twice
  std::vector<float> negative = {-3.0F, -2.0F, -1.5F};
  EXPECT_EQ(pick(negative, how, {.all = said}, nullptr, rng).value(), TokenId{1});
}

TEST(Pick, AMaskStandsBeforeTruncation) {
  std::vector<float> logits(50, 10.0F);
  logits[7] = -30;
  logits[9] = -31;
  auto how = open_sampling();
  how.top_k = 3;
  how.top_p = 0.5;
  how.min_p = 0.1;
  TokenMask allowed(50);
  allowed.add(TokenId{7});
  allowed.add(TokenId{9});
  Rng rng(3);
  for (int n = 0; n < 200; ++n) {
    auto copy = logits;
    EXPECT_EQ(pick(copy, how, {}, &allowed, rng).value(), TokenId{7});
  }
  how.top_p = 1;
  how.min_p = 0;
  std::map<int, int> counts;
  for (int n = 0; n < 1000; ++n) {
    auto copy = logits;
    ++counts[static_cast<int>(pick(copy, how, {}, &allowed, rng).value())];
  }
  EXPECT_EQ(counts.size(), 2U);
  // e : 1; four standard deviations of 1000 draws are 56.
  EXPECT_NEAR(counts[7], 731, 56);
  EXPECT_EQ(pick(logits, greedy(), {}, &allowed, rng).value(), TokenId{7});
}

// Whatever helps a token, one outside the mask stays outside.
TEST(Pick, NoPenaltyRevivesWhatTheMaskTookOut) {
  auto how = open_sampling();
  how.presence_penalty = -2;
  how.frequency_penalty = -2;
  how.repetition_penalty = 0.5;
  const std::vector<TokenId> said(100, TokenId{0});
  TokenMask allowed(3);
  allowed.add(TokenId{1});
  allowed.add(TokenId{2});
  Rng rng(9);
  for (int n = 0; n < 500; ++n) {
    std::vector<float> logits = {5, 1, 1};
    EXPECT_NE(pick(logits, how, {.all = said}, &allowed, rng).value(), TokenId{0});
  }
}

// G26
TEST(Pick, RefusesLogitsThatAreNotFinite) {
  Rng rng(1);
  for (const float bad : {std::nanf(""), std::numeric_limits<float>::infinity(),
                          -std::numeric_limits<float>::infinity()}) {
    std::vector<float> logits = {1, bad, 2};
    const auto picked = pick(logits, {}, {}, nullptr, rng);
    ASSERT_FALSE(picked);
    EXPECT_EQ(picked.error().code, ErrorCode::kCorrupt);
    EXPECT_NE(picked.error().what.find("non-finite logits"), std::string::npos);
    EXPECT_FALSE(log_probability(logits, std::vector<TokenId>{TokenId{0}}));
  }
}

TEST(LogProbability, SumsOverTheGivenTokens) {
  const std::vector<float> logits = {std::log(0.5F) + 300, std::log(0.3F) + 300,
                                     std::log(0.2F) + 300};
  EXPECT_NEAR(log_probability(logits, std::vector<TokenId>{TokenId{1}}).value(), std::log(0.3),
              1e-4);
  EXPECT_NEAR(log_probability(logits, std::vector<TokenId>{TokenId{0}, TokenId{2}}).value(),
              std::log(0.7), 1e-4);
}

// What is shown of `text` when it comes in pieces of `size` bytes.
std::string shown(std::string_view text, const std::vector<std::string>& stops, std::size_t size) {
  StopMatcher matcher(stops);
  std::string all;
  for (; !text.empty(); text.remove_prefix(std::min(size, text.size())))
    all += matcher.push(text.substr(0, size));
  return all + matcher.finish();
}

TEST(StopMatcher, ShowsTheSameHoweverTheTextIsCut) {
  struct Case {
    std::string text;
    std::vector<std::string> stops;
    std::string shown;
  };
  const std::vector<Case> cases = {
      {"Hello there.", {}, "Hello there."},
      {"Hello\nYou: hi", {"\nYou:"}, "Hello"},
      {"Hello\nYour turn", {"\nYou:"}, "Hello\nYour turn"},
      {"aaab", {"aab"}, "a"},
      {"one two three", {"three", "two"}, "one "},
      {"abcdefg", {"cd", "bcdex"}, "ab"},
      {"abcdex", {"cd", "bcdex"}, "a"},
      {"ends with begi", {"begin"}, "ends with begi"},
      {"gr\xC3\xBC\xC3\x9F dich", {"\xC3\x9F"}, "gr\xC3\xBC"},
      {"stop", {"stop"}, ""},
  };
  for (const auto& test : cases) {
    for (std::size_t size = 1; size <= test.text.size(); ++size) {
      EXPECT_EQ(shown(test.text, test.stops, size), test.shown) << test.text << " by " << size;
    }
  }
}

TEST(StopMatcher, ReleasesEarly) {
  StopMatcher matcher({"\nYou:"});
  EXPECT_EQ(matcher.push("Well met"), "Well met");
  EXPECT_EQ(matcher.push(".\n"), ".");
  EXPECT_EQ(matcher.push("Y"), "");
  EXPECT_EQ(matcher.push("es"), "\nYes");
  EXPECT_FALSE(matcher.stopped());
  EXPECT_EQ(matcher.push("\nYou: no"), "");
  EXPECT_TRUE(matcher.stopped());
  EXPECT_EQ(matcher.push("more"), "");
}

}  // namespace
}  // namespace dramatis::sampling
