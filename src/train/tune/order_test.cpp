#include "train/tune/order.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dramatis::train::tune {
namespace {

using ::testing::ElementsAre;

Steps by_conversations(std::size_t count, std::size_t accumulation = 1) {
  Steps steps;
  steps.epochs = 2;
  steps.conversations = count;
  steps.accumulation = accumulation;
  return steps;
}

TEST(Order, EachEpochHasEveryDocumentOnceInAnOrderOfItsOwn) {
  const std::vector<std::size_t> lengths(10, 5);
  const auto updates = updates_of(lengths, by_conversations(4), 1);
  ASSERT_EQ(updates.size(), 6U);
  std::vector<std::size_t> epochs[2];
  for (const auto& update : updates)
    epochs[update.epoch].insert(epochs[update.epoch].end(), update.documents.begin(),
                                update.documents.end());
  EXPECT_NE(epochs[0], epochs[1]);
  for (auto& epoch : epochs) {
    std::sort(epoch.begin(), epoch.end());
    EXPECT_THAT(epoch, ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
  }
  EXPECT_EQ(updates[2].documents.size(), 2U);
  EXPECT_TRUE(updates[2].ends_epoch);
  EXPECT_FALSE(updates[1].ends_epoch);
}

TEST(Order, AccumulationJoinsBatches) {
  const std::vector<std::size_t> lengths(10, 5);
  const auto updates = updates_of(lengths, by_conversations(2, 3), 1);
  ASSERT_EQ(updates.size(), 4U);
  EXPECT_EQ(updates[0].documents.size(), 6U);
  EXPECT_EQ(updates[1].documents.size(), 4U);
}

TEST(Order, ABatchOfTokensNeverHasMoreButForOneLongDocument) {
  const std::vector<std::size_t> lengths = {30, 40, 200, 50, 10, 60};
  Steps steps;
  steps.epochs = 3;
  steps.conversations = 0;
  steps.tokens = 100;
  for (const auto& update : updates_of(lengths, steps, 5)) {
    std::size_t sum = 0;
    for (const auto n : update.documents) sum += lengths[n];
    EXPECT_TRUE(sum <= 100 || update.documents.size() == 1) << sum;
  }
}

TEST(Order, TheMostUpdatesEndARun) {
  const std::vector<std::size_t> lengths(10, 5);
  Steps steps = by_conversations(4);
  steps.most = 4;
  const auto updates = updates_of(lengths, steps, 1);
  EXPECT_EQ(updates.size(), 4U);
  EXPECT_TRUE(updates.back().ends_epoch);
}

TEST(Order, WorkersShareWhatOneWouldDo) {
  const std::vector<std::size_t> documents = {7, 3, 9, 1, 4};
  EXPECT_THAT(share_of(documents, 0, 2), ElementsAre(7, 9, 4));
  EXPECT_THAT(share_of(documents, 1, 2), ElementsAre(3, 1));
  EXPECT_THAT(share_of(documents, 0, 1), ElementsAre(7, 3, 9, 1, 4));
}

TEST(Order, PassesHoldWhatFits) {
  const std::vector<std::size_t> lengths = {30, 40, 200, 50};
  const std::vector<std::size_t> documents = {0, 1, 2, 3};
  EXPECT_THAT(passes_of(documents, lengths, 100),
              ElementsAre(ElementsAre(0, 1), ElementsAre(2), ElementsAre(3)));
}

TEST(Order, TheRateRisesThenFalls) {
  Steps steps;
  steps.warmup = 0.2;
  EXPECT_DOUBLE_EQ(rate_share(steps, 0, 10), 0.5);
  EXPECT_DOUBLE_EQ(rate_share(steps, 1, 10), 1);
  EXPECT_DOUBLE_EQ(rate_share(steps, 2, 10), 1);
  EXPECT_DOUBLE_EQ(rate_share(steps, 6, 10), 0.5);
  EXPECT_LT(rate_share(steps, 9, 10), 0.05);
  steps.warmup = 5;
  steps.fall = Fall::kLinear;
  EXPECT_DOUBLE_EQ(rate_share(steps, 0, 10), 0.2);
  EXPECT_DOUBLE_EQ(rate_share(steps, 7, 10), 0.6);
  steps.fall = Fall::kNone;
  EXPECT_DOUBLE_EQ(rate_share(steps, 9, 10), 1);
}

TEST(Order, TokensAtOnceAreThoseOfTheLargestNeighbours) {
  const std::vector<std::size_t> lengths = {5, 7, 20, 1, 9};
  const std::vector<std::vector<std::size_t>> passes = {{0, 1}, {2}, {3}, {4}};
  EXPECT_EQ(tokens_at_once(passes, lengths, 1), 20U);
  EXPECT_EQ(tokens_at_once(passes, lengths, 2), 32U);
  EXPECT_EQ(tokens_at_once(passes, lengths, 3), 33U);
  EXPECT_EQ(tokens_at_once(passes, lengths, 64), 42U);
  EXPECT_EQ(tokens_at_once({}, lengths, 2), 0U);
}

}  // namespace
}  // namespace dramatis::train::tune
