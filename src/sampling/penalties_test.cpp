#include "sampling/penalties.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <gtest/gtest.h>

#include "base/random.h"
#include "tokens/testing/made_up.h"

namespace dramatis::sampling {
namespace {

std::vector<TokenId> ids(std::initializer_list<int> numbers) {
  std::vector<TokenId> made;
  for (const int number : numbers) made.push_back(static_cast<TokenId>(number));
  return made;
}
std::vector<float> punished(std::vector<float> logits, const lm::Sampling& how, const Said& said) {
  punish(logits, how, said);
  return logits;
}
lm::Sampling dry(int allowed_length = 2) {
  lm::Sampling how;
  how.dry_multiplier = 0.8;
  how.dry_base = 1.75;
  how.dry_allowed_length = allowed_length;
  return how;
}
std::vector<std::pair<int, std::size_t>> runs(const std::vector<TokenId>& all,
                                              const lm::Sampling& how = dry()) {
  std::vector<std::pair<int, std::size_t>> found;
  for (const auto& [id, length] : repetitions(how, {.all = all}))
    found.emplace_back(static_cast<int>(id), length);
  return found;
}
using Runs = std::vector<std::pair<int, std::size_t>>;

TEST(Penalties, NothingIsPunishedByDefault) {
  const auto said = ids({0, 1, 0, 1, 0, 1});
  EXPECT_EQ(punished({1, -1, 2}, {}, {.all = said}), (std::vector<float>{1, -1, 2}));
}

// Token 0 was said three times by the reply, token 1 once, token 2 by the prompt alone.
TEST(Penalties, PresenceOnceAndFrequencyForEachTimeInTheReply) {
  const auto said = ids({2, 2, 2, 0, 1, 0, 0});
  lm::Sampling how;
  how.presence_penalty = 0.5;
  EXPECT_EQ(punished({4, 4, 4, 4}, how, {.all = said, .prompt_length = 3}),
            (std::vector<float>{3.5F, 3.5F, 4, 4}));
  how.frequency_penalty = 0.25;
  EXPECT_EQ(punished({4, 4, 4, 4}, how, {.all = said, .prompt_length = 3}),
            (std::vector<float>{2.75F, 3.25F, 4, 4}));
  how.presence_penalty = -1;
  how.frequency_penalty = 0;
  EXPECT_EQ(punished({4, 4, 4, 4}, how, {.all = said, .prompt_length = 3}),
            (std::vector<float>{5, 5, 4, 4}));
}

// Division first, then subtraction: (4 / 2) - 0.5 * 2 - 0.25, and not (4 - 1.25) / 2.
TEST(Penalties, RepetitionComesBeforePresenceAndFrequency) {
  const auto said = ids({0, 0});
  lm::Sampling how;
  how.repetition_penalty = 2;
  how.frequency_penalty = 0.5;
  how.presence_penalty = 0.25;
  EXPECT_EQ(punished({4, 4}, how, {.all = said}), (std::vector<float>{0.75F, 4}));
}

// "1 2 3" stands at the end, as it stood before 4 and before 5; "2 3" stood before 6.
TEST(Dry, FindsTheLongestRunBeforeEachToken) {
  EXPECT_EQ(runs(ids({1, 2, 3, 4, 9, 1, 2, 3, 5, 7, 2, 3, 6, 1, 2, 3})),
            (Runs{{4, 3}, {5, 3}, {6, 2}}));
  EXPECT_EQ(runs(ids({1, 2, 3})), Runs{});
  EXPECT_EQ(runs(ids({})), Runs{});
  EXPECT_EQ(runs(ids({5})), Runs{});
  // A run may overlap itself: "8 8 8" repeats "8 8 8" one token later.
  EXPECT_EQ(runs(ids({8, 8, 8, 8})), (Runs{{8, 3}}));
}

// 0.8 * 1.75^(3 - 2) = 1.4; 0.8 * 1.75^0 = 0.8; a run of one is free.
TEST(Dry, PunishesByHowLongTheRunIs) {
  const auto said = ids({1, 2, 3, 4, 7, 2, 3, 6, 7, 3, 5, 1, 2, 3});
  const auto after = punished(std::vector<float>(10, 0.0F), dry(), {.all = said});
  EXPECT_FLOAT_EQ(after[4], -1.4F);
  EXPECT_FLOAT_EQ(after[6], -0.8F);
  EXPECT_EQ(after[5], 0);
  EXPECT_EQ(after[7], 0);
  // With an allowed length of 1: 0.8 * 1.75^2 = 2.45, 0.8 * 1.75 = 1.4, 0.8.
  const auto strict = punished(std::vector<float>(10, 0.0F), dry(1), {.all = said});
  EXPECT_FLOAT_EQ(strict[4], -2.45F);
  EXPECT_FLOAT_EQ(strict[6], -1.4F);
  EXPECT_FLOAT_EQ(strict[5], -0.8F);
}

// E3
TEST(Dry, LooksBackNoFurtherThanItsRange) {
  auto how = dry();
  const auto said = ids({1, 2, 4, 9, 9, 1, 2});
  how.dry_range = 7;
  EXPECT_EQ(runs(said, how), (Runs{{4, 2}}));
  how.dry_range = 6;  // "2 4" remains: a run of one
  EXPECT_EQ(runs(said, how), (Runs{{4, 1}}));
  how.dry_range = 4;
  EXPECT_EQ(runs(said, how), Runs{});
}

// E2
TEST(Dry, AHugePenaltyLeavesAFiniteLogit) {
  auto how = dry(1);
  how.dry_base = 4;
  how.dry_multiplier = 10;
  how.repetition_penalty = 2;
  const std::vector<TokenId> said(5000, TokenId{0});
  const auto most = std::numeric_limits<float>::max();
  for (const float logit : {1.0F, most, -most}) {
    const auto after = punished({logit, 0}, how, {.all = said});
    EXPECT_TRUE(std::isfinite(after[0])) << logit;
    EXPECT_LT(after[0], logit > 0 ? logit : 0);
  }
}

class DryBreakers : public ::testing::Test {
 protected:
  std::vector<TokenId> encode(std::string_view text) const {
    return vocabulary_.encode(text, tokens::Special::kAsLetters, tokens::Place::kInside).value();
  }
  std::size_t longest_after(std::string_view text, std::string_view next,
                            const std::vector<std::string>& breakers) const {
    auto how = dry();
    how.dry_breakers = breakers;
    const auto all = encode(text);
    const auto wanted = encode(next);
    for (const auto& [id, length] : repetitions(how, {.all = all, .vocabulary = &vocabulary_})) {
      if (id == wanted.front()) return length;
    }
    return 0;
  }

  const tokens::Vocabulary vocabulary_ =
      tokens::Vocabulary::from_tables(tokens::testing::made_up_llama()).value();
};

TEST_F(DryBreakers, NoRunReachesOverABreaker) {
  EXPECT_EQ(longest_after("abcdx abcd", "x", {}), 4U);
  EXPECT_EQ(longest_after("ab\ncdx ab\ncd", "x", {}), 5U);
  EXPECT_EQ(longest_after("ab\ncdx ab\ncd", "x", {"\n"}), 2U);
  EXPECT_EQ(longest_after("abcdx abcd", "x", {"d"}), 0U);
}

TEST_F(DryBreakers, ABreakerMayHaveSeveralTokens) {
  EXPECT_EQ(longest_after("abqrcx abqrc", "x", {"qr"}), 1U);
  EXPECT_EQ(longest_after("abqrcx abqrc", "x", {"rq"}), 5U);
}

TEST_F(DryBreakers, NeitherABreakerNorTheEndIsPunished) {
  EXPECT_EQ(longest_after("abc:x abc", ":", {}), 3U);
  EXPECT_EQ(longest_after("abc:x abc", ":", {":"}), 0U);
  auto all = encode("abc");
  const auto end = vocabulary_.control("<|im_end|>").value();
  all.push_back(end);
  for (const auto id : encode("abc")) all.push_back(id);
  for (const auto& found : repetitions(dry(), {.all = all, .vocabulary = &vocabulary_}))
    EXPECT_NE(found.id, end);
}

// By the definition, in quadratic time.
Runs slow_runs(const std::vector<TokenId>& all) {
  std::map<int, std::size_t> longest;
  for (std::size_t end = 1; end < all.size(); ++end) {
    std::size_t length = 0;
    while (length < end && all[end - 1 - length] == all[all.size() - 1 - length]) ++length;
    if (length == 0) continue;
    auto& kept = longest[static_cast<int>(all[end])];
    kept = std::max(kept, length);
  }
  return {longest.begin(), longest.end()};
}

TEST(Dry, AgreesWithItsDefinition) {
  Rng rng(11);
  for (int round = 0; round < 500; ++round) {
    std::vector<TokenId> all(rng.below(40));
    for (auto& id : all) id = static_cast<TokenId>(rng.below(1 + round % 4));
    EXPECT_EQ(runs(all), slow_runs(all)) << "round " << round;
  }
}

// Numbering the vocabulary anew numbers the result anew and changes nothing else.
TEST(Penalties, DoNotDependOnTheNumberingOfTokens) {
  Rng rng(12);
  constexpr std::size_t kSize = 12;
  lm::Sampling how = dry(1);
  how.repetition_penalty = 1.3;
  how.presence_penalty = 0.4;
  how.frequency_penalty = 0.2;
  for (int round = 0; round < 50; ++round) {
    std::vector<int> renamed(kSize);
    std::iota(renamed.begin(), renamed.end(), 0);
    for (std::size_t n = kSize; n > 1; --n) std::swap(renamed[n - 1], renamed[rng.below(n)]);
    std::vector<float> logits(kSize);
    std::vector<float> moved(kSize);
    for (std::size_t n = 0; n < kSize; ++n) {
      logits[n] = static_cast<float>(rng.uniform() * 8 - 4);
      moved[static_cast<std::size_t>(renamed[n])] = logits[n];
    }
    std::vector<TokenId> said(20);
    std::vector<TokenId> said_moved;
    for (auto& id : said) {
      id = static_cast<TokenId>(rng.below(kSize));
      said_moved.push_back(static_cast<TokenId>(renamed[static_cast<std::size_t>(id)]));
    }
    const auto after = punished(logits, how, {.all = said, .prompt_length = 5});
    const auto after_moved = punished(moved, how, {.all = said_moved, .prompt_length = 5});
    for (std::size_t n = 0; n < kSize; ++n)
      EXPECT_EQ(after[n], after_moved[static_cast<std::size_t>(renamed[n])]);
  }
}

}  // namespace
}  // namespace dramatis::sampling
