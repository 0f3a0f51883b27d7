#include "study/wording.h"

#include <vector>

#include <gtest/gtest.h>

namespace dramatis::study {
namespace {

using Texts = std::vector<std::string>;

TEST(Distinct, CountsDifferentRunsOfWords) {
  const Texts texts{"The cat, the cat.", "A cat"};
  EXPECT_DOUBLE_EQ(distinct(texts, 1), 3.0 / 6);  // the cat the cat a cat
  EXPECT_DOUBLE_EQ(distinct(texts, 2), 3.0 / 4);  // the-cat cat-the the-cat a-cat
  EXPECT_DOUBLE_EQ(distinct(texts, 5), 0);
  EXPECT_DOUBLE_EQ(distinct({}, 1), 0);
}

TEST(SelfRepetition, IsTheShareThatWasSaidBefore) {
  EXPECT_DOUBLE_EQ(self_repetition(Texts{"a b c", "a b d"}, 2), 1.0 / 2);
  EXPECT_DOUBLE_EQ(self_repetition(Texts{"a b c", "a b c"}, 3), 1);
  EXPECT_DOUBLE_EQ(self_repetition(Texts{"a b a b"}, 2), 0);
}

TEST(TopicDrift, IsNothingForTheSameWordsAndOneForOthers) {
  EXPECT_NEAR(topic_drift(Texts{"goats graze", "so", "goats graze"}), 0, 1e-12);
  EXPECT_DOUBLE_EQ(topic_drift(Texts{"goats graze", "so", "ferry boats"}), 1);
  EXPECT_NEAR(topic_drift(Texts{"goats graze", "so", "goats swim"}), 0.5, 1e-12);
  EXPECT_DOUBLE_EQ(topic_drift(Texts{"goats", "boats"}), 0);
}

TEST(Agreement, DriftsWhereALaterHalfGivesWay) {
  EXPECT_TRUE(agrees("Yes, it is."));
  EXPECT_TRUE(agrees("You're right."));
  EXPECT_FALSE(agrees("No. Yes was never said."));
  EXPECT_FALSE(agrees(""));
  EXPECT_DOUBLE_EQ(agreement_drift(Texts{"No.", "Never.", "Well.", "Yes.", "Of course."}), 1);
  EXPECT_DOUBLE_EQ(agreement_drift(Texts{"Yes.", "Yes."}), 0);
  EXPECT_DOUBLE_EQ(agreement_drift(Texts{"Yes."}), 0);
}

}  // namespace
}  // namespace dramatis::study
