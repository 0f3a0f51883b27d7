#include "remote/breaker.h"

#include <gtest/gtest.h>

#include "remote/limits.h"

namespace dramatis::remote {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using State = Breaker::State;

// Rows B9 and B8: when a service is left alone, and how it comes back.
class BreakerTest : public ::testing::Test {
 protected:
  void fail(int times) {
    for (int n = 0; n < times; ++n) breaker_.fail(breaker_.admit(now_).value(), now_);
  }
  void succeed(int times) {
    for (int n = 0; n < times; ++n) breaker_.succeed(breaker_.admit(now_).value(), now_);
  }
  // How long it stays open, in milliseconds.
  int open_for() {
    int waited = 0;
    while (breaker_.state(now_) == State::kOpen) {
      now_ += milliseconds(1);
      ++waited;
    }
    return waited;
  }

  Breaker breaker_{Rng(7)};
  SteadyTime now_{seconds(1000)};
};

TEST_F(BreakerTest, OpensAfterARowOfFailures) {
  fail(kBreakerRow - 1);
  succeed(1);
  fail(kBreakerRow - 1);
  EXPECT_EQ(breaker_.state(now_), State::kClosed);
  fail(1);
  EXPECT_EQ(breaker_.state(now_), State::kOpen);
  EXPECT_FALSE(breaker_.admit(now_));
}

TEST_F(BreakerTest, OpensWhereHalfOfAMinuteFails) {
  for (std::size_t n = 0; n + 2 < kBreakerSample; n += 2) {
    succeed(1);
    fail(1);
  }
  EXPECT_EQ(breaker_.state(now_), State::kClosed) << "too few to tell";
  succeed(1);
  fail(1);
  EXPECT_EQ(breaker_.state(now_), State::kOpen);
}

TEST_F(BreakerTest, ForgetsWhatIsLongAgo) {
  for (std::size_t n = 0; n + 2 < kBreakerSample; n += 2) {
    succeed(1);
    fail(1);
  }
  now_ += kBreakerWindow + seconds(1);
  succeed(1);
  fail(1);
  EXPECT_EQ(breaker_.state(now_), State::kClosed);
}

TEST_F(BreakerTest, TriesOneAtATimeAndClosesAfterSome) {
  fail(kBreakerRow);
  open_for();
  EXPECT_EQ(breaker_.state(now_), State::kHalfOpen);
  for (int n = 0; n < kBreakerTrials; ++n) {
    const auto trial = breaker_.admit(now_);
    ASSERT_TRUE(trial);
    EXPECT_FALSE(breaker_.admit(now_)) << "a second one must wait";
    breaker_.succeed(*trial, now_);
  }
  EXPECT_EQ(breaker_.state(now_), State::kClosed);
}

TEST_F(BreakerTest, PausesDoubleAndAreDrawn) {
  std::vector<int> pauses;
  fail(kBreakerRow);
  for (int n = 0; n < 10; ++n) {
    pauses.push_back(open_for());
    fail(1);
  }
  for (std::size_t n = 0; n < pauses.size(); ++n) {
    const auto whole =
        std::min<milliseconds>(milliseconds(kBreakerPause) * (1 << n), kMaxBreakerPause);
    EXPECT_GE(pauses[n], whole.count() / 2) << n;
    EXPECT_LE(pauses[n], whole.count()) << n;
  }
  EXPECT_NE(pauses[8], pauses[9]);
}

TEST_F(BreakerTest, ATrialThatSaysNothingLeavesAPlaceForAnother) {
  fail(kBreakerRow);
  open_for();
  breaker_.forget(breaker_.admit(now_).value());
  EXPECT_TRUE(breaker_.admits(now_));
}

TEST_F(BreakerTest, SignsOfLifeAloneDoNotCloseIt) {
  fail(kBreakerRow);
  open_for();
  for (int n = 0; n < 10; ++n) breaker_.show_life(breaker_.admit(now_).value());
  EXPECT_EQ(breaker_.state(now_), State::kHalfOpen);
  succeed(1);
  EXPECT_EQ(breaker_.state(now_), State::kClosed);
}

TEST_F(BreakerTest, OutcomesOfAnEarlierStateCountNoMore) {
  const auto early = breaker_.admit(now_).value();
  const auto other = breaker_.admit(now_).value();
  fail(kBreakerRow);
  breaker_.succeed(early, now_);
  EXPECT_EQ(breaker_.state(now_), State::kOpen);
  open_for();
  breaker_.fail(other, now_);
  EXPECT_EQ(breaker_.state(now_), State::kHalfOpen);
}

TEST_F(BreakerTest, CanBeDisabledForLonger) {
  breaker_.disable(now_, seconds(300));
  EXPECT_EQ(open_for(), 300'000);
}

}  // namespace
}  // namespace dramatis::remote
