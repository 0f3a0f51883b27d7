#include "remote/spend.h"

#include <limits>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dramatis::remote {
namespace {

using ::testing::HasSubstr;

SpendKey key_of(const std::string& account, int day = 0) {
  return {.model = "big",
          .account = account,
          .day = std::chrono::sys_days(std::chrono::days(20'000 + day))};
}

TEST(Spend, CostsAreRoundedUpAndNeverWrap) {
  EXPECT_EQ(cost_of({.prompt = 500, .reply = 1500}, 1000, 2000),
            (Spend{.tokens = 3000, .micros = 3500}));
  EXPECT_EQ(cost_of({.prompt = 1, .reply = 0}, 1, 0), (Spend{.tokens = 1, .micros = 1}));
  EXPECT_EQ(cost_of({}, 7, 8), (Spend{.tokens = 15, .micros = 0}));
  constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
  const Spend all = cost_of({.prompt = kMost, .reply = 2}, kMost, 1);
  EXPECT_EQ(all.tokens, kMost);
  EXPECT_EQ(all.micros, kMost / 1000 + 1);
}

TEST(MemoryLedger, ReservesWithinTheLimitAndSettles) {
  MemoryLedger ledger;
  const SpendLimit limit{.tokens = 100, .micros = 50};
  EXPECT_TRUE(ledger.reserve(key_of("ada"), {.tokens = 60, .micros = 10}, limit));
  const auto over = ledger.reserve(key_of("ada"), {.tokens = 41, .micros = 1}, limit);
  EXPECT_EQ(over.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(over.error().what, HasSubstr("100 tokens"));
  EXPECT_THAT(ledger.reserve(key_of("ada"), {.tokens = 1, .micros = 41}, limit).error().what,
              HasSubstr("0.00 in money"));
  EXPECT_TRUE(
      ledger.settle(key_of("ada"), {.tokens = 60, .micros = 10}, {.tokens = 5, .micros = 1}));
  EXPECT_EQ(ledger.find(key_of("ada")).value(), (Spend{.tokens = 5, .micros = 1}));
  EXPECT_TRUE(ledger.reserve(key_of("ada"), {.tokens = 95, .micros = 49}, limit));
  EXPECT_TRUE(ledger.reserve(key_of("bo"), {.tokens = 95, .micros = 49}, limit));
}

TEST(MemoryLedger, CountsWhatCostMoreThanWasReserved) {
  MemoryLedger ledger;
  ASSERT_TRUE(ledger.reserve(key_of(""), {.tokens = 5}, {}));
  ASSERT_TRUE(ledger.settle(key_of(""), {.tokens = 5}, {.tokens = 9}));
  EXPECT_EQ(ledger.find(key_of("")).value().tokens, 9U);
}

TEST(MemoryLedger, BeginsEachDayAnewAndForgetsTheOld) {
  MemoryLedger ledger;
  const SpendLimit limit{.tokens = 10};
  ASSERT_TRUE(ledger.reserve(key_of("ada", 0), {.tokens = 10}, limit));
  EXPECT_FALSE(ledger.reserve(key_of("ada", 0), {.tokens = 1}, limit));
  EXPECT_TRUE(ledger.reserve(key_of("ada", 1), {.tokens = 10}, limit));
  EXPECT_EQ(ledger.find(key_of("ada", 0)).value(), Spend{});
  EXPECT_TRUE(ledger.settle(key_of("ada", 0), {.tokens = 10}, {.tokens = 3}));
  EXPECT_EQ(ledger.find(key_of("ada", 0)).value(), Spend{});
}

TEST(MemoryLedger, ManyThreadsNeverPassTheLimitTogether) {
  MemoryLedger ledger;
  {
    std::vector<std::jthread> threads;
    for (int n = 0; n < 4; ++n) {
      threads.emplace_back([&ledger] {
        for (int round = 0; round < 1000; ++round)
          (void)ledger.reserve(key_of("ada"), {.tokens = 3}, {.tokens = 1000});
      });
    }
  }
  EXPECT_EQ(ledger.find(key_of("ada")).value().tokens, 999U);
}

}  // namespace
}  // namespace dramatis::remote
