// What every ledger on a database must do, as one suite.
#pragma once

#include <functional>
#include <limits>
#include <memory>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "remote/spend.h"

namespace dramatis::store::testing {

using MakeLedger = std::function<std::unique_ptr<remote::SpendLedger>()>;

class Ledger : public ::testing::TestWithParam<MakeLedger> {
 protected:
  void SetUp() override {
    ledger_ = GetParam()();
    ASSERT_NE(ledger_, nullptr);
  }
  static remote::SpendKey key_of(const std::string& account, int day = 0) {
    return {.model = "big",
            .account = account,
            .day = std::chrono::sys_days(std::chrono::days(20'000 + day))};
  }

  std::unique_ptr<remote::SpendLedger> ledger_;
};

TEST_P(Ledger, ReservesWithinTheLimitAndSettles) {
  const remote::SpendLimit limit{.tokens = 100, .micros = 50};
  EXPECT_TRUE(ledger_->reserve(key_of("ada"), {.tokens = 60, .micros = 10}, limit));
  const auto over = ledger_->reserve(key_of("ada"), {.tokens = 41, .micros = 1}, limit);
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(over.error().what, ::testing::HasSubstr("100 tokens"));
  EXPECT_FALSE(ledger_->reserve(key_of("ada"), {.tokens = 1, .micros = 41}, limit));
  EXPECT_TRUE(
      ledger_->settle(key_of("ada"), {.tokens = 60, .micros = 10}, {.tokens = 5, .micros = 1}));
  EXPECT_EQ(ledger_->find(key_of("ada")).value(), (remote::Spend{.tokens = 5, .micros = 1}));
  EXPECT_TRUE(ledger_->reserve(key_of("ada"), {.tokens = 95, .micros = 49}, limit));
  EXPECT_TRUE(ledger_->reserve(key_of("bo"), {.tokens = 95, .micros = 49}, limit));
  EXPECT_TRUE(ledger_->reserve(key_of("ada", 1), {.tokens = 95, .micros = 49}, limit))
      << "a new day";
}

TEST_P(Ledger, CountsWhatCostMoreThanWasReservedAndNeverWraps) {
  ASSERT_TRUE(ledger_->reserve(key_of(""), {.tokens = 5}, {}));
  ASSERT_TRUE(ledger_->settle(key_of(""), {.tokens = 5}, {.tokens = 9}));
  EXPECT_EQ(ledger_->find(key_of(""))->tokens, 9U);
  ASSERT_TRUE(ledger_->settle(key_of(""), {.tokens = 99}, {}));
  EXPECT_EQ(ledger_->find(key_of(""))->tokens, 0U);
  constexpr auto kAll = std::numeric_limits<std::uint64_t>::max();
  ASSERT_TRUE(ledger_->reserve(key_of(""), {.tokens = kAll}, {}));
  EXPECT_FALSE(ledger_->reserve(key_of(""), {.tokens = kAll}, {.tokens = 1000}));
  EXPECT_GE(ledger_->find(key_of(""))->tokens, kAll / 2);
  EXPECT_EQ(ledger_->find(key_of("nobody")).value(), remote::Spend{});
  EXPECT_TRUE(ledger_->settle(key_of("nobody"), {.tokens = 1}, {.tokens = 1}));
}

TEST_P(Ledger, ManyThreadsNeverPassTheLimitTogether) {
  {
    std::vector<std::jthread> threads;
    for (int n = 0; n < 4; ++n) {
      threads.emplace_back([this] {
        for (int round = 0; round < 20; ++round)
          (void)ledger_->reserve(key_of("ada"), {.tokens = 3}, {.tokens = 100});
      });
    }
  }
  EXPECT_EQ(ledger_->find(key_of("ada"))->tokens, 99U);
}

}  // namespace dramatis::store::testing
