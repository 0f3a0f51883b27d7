#include "server/workers.h"

#include <latch>
#include <string>

#include <gtest/gtest.h>

#include "accounts/testing/memory_notices.h"
#include "server/limits.h"
#include "server/repeats.h"
#include "server/turns_underway.h"

namespace dramatis::server {
namespace {

// R9: who floods the service is answered in turn with who asks once.
TEST(Workers, ServeLanesInTurn) {
  Workers workers(1, 64);
  std::latch begun{1};
  std::latch go_on{1};
  std::latch ended{5};
  std::string order;  // one thread writes
  ASSERT_EQ(workers.give(Lane{1},
                         [&] {
                           begun.count_down();
                           go_on.wait();
                           ended.count_down();
                         }),
            Taken::kYes);
  begun.wait();
  const auto notice = [&](char who) {
    return [&order, &ended, who] {
      order += who;
      ended.count_down();
    };
  };
  for (int n = 0; n < 3; ++n) ASSERT_EQ(workers.give(Lane{1}, notice('a')), Taken::kYes);
  ASSERT_EQ(workers.give(Lane{2}, notice('b')), Taken::kYes);
  EXPECT_EQ(workers.waiting(), 4U);
  EXPECT_EQ(workers.running(), 1U);
  go_on.count_down();
  ended.wait();
  EXPECT_EQ(order, "baaa");
}

TEST(Workers, OneLaneTakesNeitherAllThreadsNorAllPlaces) {
  Workers workers(8, 8);
  std::latch begun{7};
  std::latch go_on{1};
  const auto wait = [&] {
    begun.count_down();
    go_on.wait();
  };
  for (int n = 0; n < 7; ++n) ASSERT_EQ(workers.give(Lane{1}, wait), Taken::kYes);
  begun.wait();
  for (int n = 0; n < 7; ++n) ASSERT_EQ(workers.give(Lane{1}, [] {}), Taken::kYes) << n;
  EXPECT_EQ(workers.give(Lane{1}, [] {}), Taken::kNo);
  std::latch other{1};
  ASSERT_EQ(workers.give(Lane{2}, [&] { other.count_down(); }), Taken::kYes);
  other.wait();
  EXPECT_EQ(workers.running(), 7U);
  go_on.count_down();
}

TEST(Workers, TakeNothingAfterTheEnd) {
  Workers workers(2, 2);
  workers.finish();
  EXPECT_EQ(workers.give(Lane{}, [] {}), Taken::kNo);
}

struct HandClock final : Clock {
  [[nodiscard]] Instant now() const override { return {}; }
  [[nodiscard]] SteadyTime steady() const override { return at; }
  SteadyTime at{};
};

TEST(TurnsUnderway, KeepsWordsUntilTheStoreHasThem) {
  const HandClock clock;
  TurnsUnderway turns(clock);
  const auto turn = turns.begin(TurnId{1}, {.npc = NpcId{2}, .user = UserId{3}}).value();
  turn->append("One ");
  turn->append("two.");
  EXPECT_EQ(turns.find(TurnId{1})->state().words, "One two.");
  EXPECT_EQ(turns.begin(TurnId{1}, {}).error().code, ErrorCode::kConflict);
  EXPECT_EQ(turns.size(), 1U);
  turn->finish(TurnId{1});
  EXPECT_TRUE(turns.find(TurnId{1})->state().done);
  EXPECT_EQ(turns.find(TurnId{1})->state().words, "");
  EXPECT_EQ(turns.size(), 0U);
  EXPECT_TRUE(turns.begin(TurnId{1}, {})) << "a turn may be answered anew";
  EXPECT_EQ(turns.find(TurnId{9}), nullptr);
}

TEST(TurnsUnderway, IsBoundedByWhatRuns) {
  HandClock clock;
  TurnsUnderway turns(clock);
  for (std::size_t n = 1; n <= kMaxTurnsUnderway; ++n) ASSERT_TRUE(turns.begin(TurnId{n}, {}));
  EXPECT_EQ(turns.begin(TurnId{0}, {}).error().code, ErrorCode::kUnavailable);
  turns.find(TurnId{7})->finish(Failure{});
  EXPECT_TRUE(turns.begin(TurnId{0}, {}));
  EXPECT_EQ(turns.find(TurnId{7}), nullptr) << "it made room";
  turns.cancel_all();
  EXPECT_TRUE(turns.find(TurnId{0})->stop().stop_requested());
}

TEST(TurnsUnderway, ForgetsWhatEndedLongAgo) {
  HandClock clock;
  TurnsUnderway turns(clock);
  const auto slow = turns.begin(TurnId{1}, {}).value();
  turns.begin(TurnId{2}, {}).value()->finish(TurnId{2});
  clock.at += kTurnKeptTime + std::chrono::seconds(1);
  ASSERT_TRUE(turns.begin(TurnId{3}, {}));
  EXPECT_EQ(turns.find(TurnId{1}), slow) << "it is still under way";
  EXPECT_EQ(turns.find(TurnId{2}), nullptr);
}

TEST(TurnsUnderway, ATurnThatWasBegunAnewOutlivesItsOldSelf) {
  HandClock clock;
  TurnsUnderway turns(clock);
  turns.begin(TurnId{1}, {}).value()->finish(Failure{});
  const auto anew = turns.begin(TurnId{1}, {}).value();
  anew->finish(TurnId{1});
  for (std::size_t n = 2; n <= kMaxTurnsUnderway; ++n) ASSERT_TRUE(turns.begin(TurnId{n}, {}));
  EXPECT_EQ(turns.find(TurnId{1}), anew);
}

TEST(TurnsUnderway, AWordThatIsStoredCostsNothingMore) {
  HandClock clock;
  TurnsUnderway turns(clock);
  const auto turn = turns.begin(TurnId{1}, {}).value();
  turn->append(std::string(60 * 1024, 'x'));
  turn->finish(TurnId{1});
  EXPECT_LT(turn->room(), 100U);
}

TEST(Repeats, GiveTheFirstAnswerAgain) {
  HandClock clock;
  Repeats repeats(clock);
  EXPECT_FALSE(repeats.begin({.key = "k", .digest = "d"}));
  EXPECT_EQ(repeats.begin({.key = "k", .digest = "d"})->status, 409) << "under way";
  repeats.finish("k", {.status = 201, .body = "made"});
  EXPECT_EQ(repeats.begin({.key = "k", .digest = "d"})->body, "made");
  EXPECT_EQ(repeats.begin({.key = "k", .digest = "other"})->status, 409);
  clock.at += kRepeatTime + std::chrono::seconds(1);
  EXPECT_FALSE(repeats.begin({.key = "k", .digest = "other"})) << "long ago";
  repeats.give_up("k");
  EXPECT_FALSE(repeats.begin({.key = "k", .digest = "d"}));
}

TEST(Repeats, AreAnsweredAlikeByAllServers) {
  HandClock clock;
  accounts::testing::MemoryNotices notices;
  Repeats here(clock, &notices), there(clock, &notices);
  const Repeats::Wish wish{.key = "k",
                           .digest = "d",
                           .reach = Repeats::Reach::kAllServers,
                           .until = clock.now() + std::chrono::minutes(2)};
  Repeats::Wish other = wish;
  other.digest = "other";
  EXPECT_FALSE(here.begin(wish));
  EXPECT_EQ(there.begin(wish)->status, 409) << "under way here";
  EXPECT_EQ(there.begin(other)->status, 409);
  here.finish("k", {.status = 201,
                    .content_type = "application/json",
                    .body = "{}",
                    .headers = {{"Location", "/v1/npcs/1"}}});
  const auto again = there.begin(wish);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->status, 201);
  EXPECT_EQ(again->content_type, "application/json");
  EXPECT_EQ(again->body, "{}");
  EXPECT_EQ(again->headers, (Headers{{"Location", "/v1/npcs/1"}}));
  EXPECT_EQ(there.begin(other)->status, 409) << "of another request";

  Repeats::Wish second = wish;
  second.key = "l";
  EXPECT_FALSE(here.begin(second));
  here.give_up("l");
  EXPECT_FALSE(there.begin(second)) << "the first has failed";

  Repeats::Wish secret = wish;
  secret.key = "m";
  secret.reach = Repeats::Reach::kThisServer;
  EXPECT_FALSE(here.begin(secret));
  EXPECT_FALSE(there.begin(secret)) << "nobody wrote it down";
}

}  // namespace
}  // namespace dramatis::server
