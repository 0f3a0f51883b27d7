// What every keeper of keys must do, as one suite: instantiate it with a way to make an empty one.
// A player's key is only ever added for the players 1 and ~0, whom `make` may register.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "accounts/keys.h"

namespace dramatis::accounts::testing {

using MakeKeys = std::function<std::unique_ptr<Keys>()>;

class KeysContract : public ::testing::TestWithParam<MakeKeys> {
 protected:
  void SetUp() override {
    keys_ = GetParam()();
    ASSERT_NE(keys_, nullptr);
  }
  // A key without a user.
  Key added(std::uint64_t id) {
    const Key key{.id = KeyId{id},
                  .role = Role::kWriter,
                  .digest = digest_of("secret " + std::to_string(id))};
    EXPECT_TRUE(keys_->add(key));
    return key;
  }
  static Spending of(std::int64_t amount, std::int64_t minute = 1, std::int64_t limit = 10) {
    return {.meter = Meter::kRequests,
            .window = window_of(Meter::kRequests, Instant{std::chrono::minutes(minute)}),
            .amount = amount,
            .limit = limit};
  }
  Allowance spent(Key key, const Spending& spending) {
    return keys_->spend(key.id, spending).value();
  }

  std::unique_ptr<Keys> keys_;
};

TEST_P(KeysContract, AllOfAKeyIsKept) {
  const Key full{.id = KeyId{0xFFFFFFFFFFFFFFF0},
                 .role = Role::kPlayer,
                 .user = UserId{~0ULL},
                 .name = "Ida's 'own' \"é\"",
                 .digest = digest_of("a"),
                 .quota = {.requests_per_minute = 1,
                           .tokens_per_day = 1'000'000'000'000,
                           .conversations_per_day = 3},
                 .made = Instant{std::chrono::milliseconds(1234567890123)}};
  const Key plain{.id = KeyId{2}, .role = Role::kOwner, .digest = digest_of("b")};
  ASSERT_TRUE(keys_->add(full));
  ASSERT_TRUE(keys_->add(plain));
  EXPECT_EQ(keys_->list().value(), (std::vector<Key>{full, plain}));
  EXPECT_EQ(keys_->find(full.digest).value(), full);
  EXPECT_EQ(keys_->find(plain.digest).value(), plain);
}

TEST_P(KeysContract, ADigestIsFoundWholeOrNotAtAll) {
  const Key key = added(1);
  std::string other = key.digest;
  other.back() = other.back() == '0' ? '1' : '0';
  for (const std::string& wrong :
       {std::string(), other, key.digest.substr(1), key.digest + "0", std::string("%"),
        std::string("' OR 1=1 --"), std::string("a\0b", 3)}) {
    EXPECT_EQ(keys_->find(wrong).value(), std::nullopt) << wrong;
  }
}

TEST_P(KeysContract, TakenIdsAndDigestsAreConflicts) {
  const Key key = added(1);
  Key same_id = key;
  same_id.digest = digest_of("other");
  Key same_digest = key;
  same_digest.id = KeyId{9};
  EXPECT_EQ(keys_->add(same_id).error().code, ErrorCode::kConflict);
  EXPECT_EQ(keys_->add(same_digest).error().code, ErrorCode::kConflict);
  EXPECT_EQ(keys_->list()->size(), 1U);
}

TEST_P(KeysContract, ARevokedKeyOpensNothing) {
  const Key key = added(1);
  const Key stays = added(2);
  ASSERT_TRUE(keys_->spend(key.id, of(10)));
  ASSERT_TRUE(keys_->revoke(key.id));
  EXPECT_EQ(keys_->find(key.digest).value(), std::nullopt);
  EXPECT_EQ(keys_->list().value(), std::vector<Key>{stays});
  EXPECT_EQ(keys_->revoke(key.id).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(keys_->spend(key.id, of(1)).error().code, ErrorCode::kNotFound);
  added(1);
  EXPECT_EQ(spent(key, of(1)).left, 9) << "what it spent was forgotten with it";
}

TEST_P(KeysContract, SpendsAllOfAnAmountOrNothing) {
  const Key key = added(1);
  EXPECT_EQ(spent(key, of(7)).left, 3);
  const Allowance refused = spent(key, of(4));
  EXPECT_EQ(refused.granted, Granted::kNo);
  EXPECT_EQ(refused.left, 3);
  EXPECT_EQ(spent(key, of(3)).granted, Granted::kYes);
  EXPECT_EQ(spent(key, of(1)).granted, Granted::kNo);
  EXPECT_EQ(spent(added(2), of(10)).granted, Granted::kYes) << "another key is another account";
}

TEST_P(KeysContract, RefusalsDoNotMakeAWindowLonger) {
  const Key key = added(1);
  ASSERT_EQ(spent(key, of(10)).granted, Granted::kYes);
  for (int n = 0; n < 100; ++n) ASSERT_EQ(spent(key, of(1)).granted, Granted::kNo);
  EXPECT_EQ(spent(key, of(1, 2)).left, 9);
}

TEST_P(KeysContract, MetersAreApart) {
  const Key key = added(1);
  Spending tokens = of(5);
  tokens.meter = Meter::kTokens;
  ASSERT_EQ(spent(key, of(10)).granted, Granted::kYes);
  EXPECT_EQ(spent(key, tokens).left, 5);
}

TEST_P(KeysContract, GivesBackInTheSameWindowAlone) {
  const Key key = added(1);
  ASSERT_EQ(spent(key, of(8)).granted, Granted::kYes);
  EXPECT_EQ(spent(key, of(-3)).left, 5);
  EXPECT_EQ(spent(key, of(-100)).left, 10);
  ASSERT_EQ(spent(key, of(8)).granted, Granted::kYes);
  ASSERT_EQ(spent(key, of(6, 2)).left, 4);
  EXPECT_EQ(spent(key, of(-8)).left, 4) << "that window is over";
}

TEST_P(KeysContract, ALateClockSpendsInTheNewestWindow) {
  const Key key = added(1);
  ASSERT_EQ(spent(key, of(9, 2)).granted, Granted::kYes);
  EXPECT_EQ(spent(key, of(1, 1)).left, 0);
  EXPECT_EQ(spent(key, of(1, 1)).granted, Granted::kNo);
  EXPECT_EQ(spent(key, of(1, 2)).granted, Granted::kNo);
}

TEST_P(KeysContract, AHundredAtOncePassNoLimit) {
  const Key key = added(1);
  std::atomic<int> granted = 0;
  {
    std::vector<std::jthread> threads;
    for (int n = 0; n < 4; ++n) {
      threads.emplace_back([this, key, &granted] {
        for (int k = 0; k < 25; ++k) granted += spent(key, of(1)).granted == Granted::kYes ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(granted, 10);
}

}  // namespace dramatis::accounts::testing
