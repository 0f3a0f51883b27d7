// Texts and numbers at their edges: every database gives the same verdict and the same bytes.
#pragma once

#include <limits>
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/limits.h"
#include "store/testing/owned_store.h"

namespace dramatis::store::testing {

using MakeStore = std::function<std::unique_ptr<dialogue::Store>()>;

class Parity : public ::testing::TestWithParam<MakeStore> {
 protected:
  void SetUp() override {
    store_ = GetParam()();
    ASSERT_NE(store_, nullptr);
    ASSERT_TRUE(store_->add_npc({.id = NpcId{1}, .settings = {.character = "ida"}}));
    ASSERT_TRUE(store_->add_user({.id = UserId{1}, .name = "Alice"}));
    ASSERT_TRUE(store_->begin({.id = kTalk, .pair = kPair}, {}));
  }
  // What comes of a turn with this reply.
  Status say(std::string reply) {
    ++turns_;
    return store_->add_turn({.id = TurnId{turns_},
                             .conversation = kTalk,
                             .pair = kPair,
                             .message = "q",
                             .spoken = {.reply = std::move(reply)}},
                            last_);
  }
  std::string heard() { return store_->newest_turns(kTalk, 1)->front().spoken.reply; }

  static constexpr dialogue::Pair kPair{.npc = NpcId{1}, .user = UserId{1}};
  static constexpr ConversationId kTalk{1};
  std::unique_ptr<dialogue::Store> store_;
  std::uint64_t turns_ = 0;
  std::optional<TurnId> last_;
};

// D14
TEST_P(Parity, TextsComeBackByteForByte) {
  for (const std::string& text :
       {std::string(), std::string("\x01\x7F\t\r\n"), std::string("'; DROP TABLE turns; --"),
        std::string("%_\\\"?1 $1 /*hold*/"),
        std::string("stra\xC3\x9F"
                    "e \xF0\x9F\x8E\xAD"),
        std::string("e\xCC\x81 \xC3\xA9"), std::string("\xF4\x8F\xBF\xBF"),
        std::string(1024 * 1024, 'x')}) {
    ASSERT_TRUE(say(text));
    last_ = TurnId{turns_};
    EXPECT_EQ(heard(), text);
  }
}

// D14
TEST_P(Parity, TextsThatOneOfThemWouldNotKeepAreRefusedByBoth) {
  const auto bad = ErrorCode::kInvalidArgument;
  EXPECT_EQ(say(std::string("a\0b", 3)).error().code, bad);
  EXPECT_EQ(say("\xED\xA0\x80").error().code, bad) << "a lone surrogate";
  EXPECT_EQ(say("\xFF").error().code, bad);
  EXPECT_EQ(say(std::string(kMaxTextBytes + 1, 'x')).error().code, ErrorCode::kOverBudget);
  EXPECT_EQ(store_->find_user_named(std::string_view("A\0", 2)).error().code, bad);
  EXPECT_TRUE(say("and goes on"));
}

// D14
TEST_P(Parity, NamesAreComparedByTheirBytes) {
  std::uint64_t id = 10;
  for (const char* name : {"ALICE", "alice", "Alice ", "Alic\xC3\xA9", "Alice\xCC\x81"}) {
    const auto added = store_->add_user({.id = UserId{++id}, .name = name});
    ASSERT_TRUE(added) << added.error().what;
    EXPECT_EQ(added->name, name) << "nobody else bears it";
  }
}

// D14
TEST_P(Parity, MomentsFarAwayComeBack) {
  std::uint64_t id = 20;
  for (const std::int64_t ms :
       {std::int64_t{-62'198'755'200'000}, std::int64_t{-1}, std::int64_t{2'147'483'648'000},
        std::int64_t{253'402'300'800'000}, std::numeric_limits<std::int64_t>::max(),
        std::numeric_limits<std::int64_t>::min()}) {
    const dialogue::User user{.id = UserId{++id},
                              .name = fmt::format("u{}", id),
                              .registered = Instant{std::chrono::milliseconds(ms)}};
    ASSERT_TRUE(store_->add_user(user));
    EXPECT_EQ(store_->find_user(user.id).value(), user);
  }
}

TEST_P(Parity, IdsOfAllBitsComeBack) {
  for (const std::uint64_t id : {0ULL, 1ULL << 63, ~0ULL, (1ULL << 63) - 1}) {
    ASSERT_TRUE(store_->add_npc({.id = NpcId{id}, .settings = {.scene = "x"}}) || id == 1);
    EXPECT_EQ(store_->find_npc(NpcId{id})->id, NpcId{id});
  }
}

}  // namespace dramatis::store::testing
