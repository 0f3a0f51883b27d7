// What every keeper of notices must do, as one suite: instantiate it with a way to make an empty
// one.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "accounts/limits.h"
#include "accounts/notices.h"

namespace dramatis::accounts::testing {

using MakeNotices = std::function<std::unique_ptr<Notices>()>;

class NoticesContract : public ::testing::TestWithParam<MakeNotices> {
 protected:
  void SetUp() override {
    notices_ = GetParam()();
    ASSERT_NE(notices_, nullptr);
  }
  static Instant minute(int n) { return Instant{std::chrono::minutes(n)}; }

  std::unique_ptr<Notices> notices_;
};

TEST_P(NoticesContract, ANoteStandsUntilItsMomentAndUnderItsNameAlone) {
  const Notice notice{.name = "turn/1", .value = "Ida's \"own\" \xC3\xA9\n", .until = minute(10)};
  EXPECT_FALSE(notices_->find("turn/1", minute(0)).value());
  EXPECT_EQ(notices_->post(notice, minute(0)).value(), Posted::kYes);
  EXPECT_EQ(notices_->find("turn/1", minute(9)).value(), notice);
  EXPECT_FALSE(notices_->find("turn/1", minute(10)).value());
  EXPECT_FALSE(notices_->find("turn/2", minute(0)).value());
}

TEST_P(NoticesContract, TheFirstStandsUntilItEndsOrIsReplacedOrTakenDown) {
  const Notice first{.name = "a", .value = "1", .until = minute(10)};
  const Notice second{.name = "a", .value = "2", .until = minute(20)};
  EXPECT_EQ(notices_->post(first, minute(0)).value(), Posted::kYes);
  EXPECT_EQ(notices_->post(second, minute(1)).value(), Posted::kNo);
  EXPECT_EQ(notices_->find("a", minute(1)).value(), first);
  EXPECT_TRUE(notices_->replace(second));
  EXPECT_EQ(notices_->find("a", minute(1)).value(), second);
  EXPECT_TRUE(notices_->remove("a"));
  EXPECT_TRUE(notices_->remove("a"));
  EXPECT_FALSE(notices_->find("a", minute(1)).value());
  EXPECT_TRUE(notices_->replace(first));
  EXPECT_EQ(notices_->post(second, minute(10)).value(), Posted::kYes) << "the first has ended";
  EXPECT_EQ(notices_->find("a", minute(10)).value(), second);
}

TEST_P(NoticesContract, OfSeveralThatPostAtOnceOneIsTheFirst) {
  std::atomic<int> first{0};
  std::vector<std::thread> all;
  for (int n = 0; n < 8; ++n) {
    all.emplace_back([&, n] {
      const Notice notice{.name = "race", .value = std::to_string(n), .until = minute(10)};
      const auto posted = notices_->post(notice, minute(0));
      ASSERT_TRUE(posted);
      if (*posted == Posted::kYes) ++first;
    });
  }
  for (auto& one : all) one.join();
  EXPECT_EQ(first, 1);
}

TEST_P(NoticesContract, RefusesLongOnes) {
  const Notice name{.name = std::string(kMaxNoticeNameBytes + 1, 'a'), .until = minute(1)};
  const Notice value{
      .name = "a", .value = std::string(kMaxNoticeBytes + 1, 'a'), .until = minute(1)};
  for (const Notice& notice : {name, value}) {
    EXPECT_EQ(notices_->post(notice, minute(0)).error().code, ErrorCode::kOverBudget);
    EXPECT_EQ(notices_->replace(notice).error().code, ErrorCode::kOverBudget);
  }
}

}  // namespace dramatis::accounts::testing
