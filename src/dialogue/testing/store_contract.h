// What every store must do, as one suite: instantiate it with a way to make an empty one.
#pragma once

#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "dialogue/store.h"

namespace dramatis::dialogue::testing {

using MakeStore = std::function<std::unique_ptr<Store>()>;

class StoreContract : public ::testing::TestWithParam<MakeStore> {
 protected:
  void SetUp() override {
    store_ = GetParam()();
    ASSERT_NE(store_, nullptr);
  }
  // Ids beyond 2^63 must survive.
  UserId user(std::uint64_t id, const std::string& name) {
    EXPECT_TRUE(store_->add_user(
        {.id = UserId{id}, .name = name, .registered = Instant{std::chrono::milliseconds(5)}}));
    return UserId{id};
  }
  NpcId npc(std::uint64_t id) {
    EXPECT_TRUE(store_->add_npc({.id = NpcId{id}, .settings = {.character = "ida"}}));
    return NpcId{id};
  }
  Turn turn(std::uint64_t id, Pair pair) {
    const Turn made{.id = TurnId{id},
                    .pair = pair,
                    .message = fmt::format("q{}", id),
                    .reply = fmt::format("a{}", id)};
    EXPECT_TRUE(store_->add_turn(made));
    return made;
  }
  std::string added_name(std::uint64_t id, const std::string& name) {
    return store_->add_user({.id = UserId{id}, .name = name}).value().name;
  }

  std::unique_ptr<Store> store_;
};

TEST_P(StoreContract, TakenNamesAreNumberedFromTheNameAskedFor) {
  std::vector<std::string> names;
  for (const char* name : {"Alice", "Alice", "Alice", "Alice_1", "Alice_1", "alice"}) {
    names.push_back(added_name(names.size() + 1, name));
  }
  EXPECT_EQ(names, (std::vector<std::string>{"Alice", "Alice_1", "Alice_2", "Alice_1_1",
                                             "Alice_1_2", "alice"}));
  EXPECT_EQ(store_->find_user_named("Alice_2")->id, UserId{3});
  EXPECT_EQ(store_->list_users()->size(), 6U);
  EXPECT_EQ(store_->list_users()->front().name, "Alice");
}

TEST_P(StoreContract, UsersAndNpcsComeBackAsTheyWere) {
  const User alice{.id = UserId{0xFFFFFFFFFFFFFFF0},
                   .name = "Alicé 'x'",
                   .registered = Instant{std::chrono::milliseconds(1234567890123)}};
  ASSERT_TRUE(store_->add_user(alice));
  EXPECT_EQ(store_->find_user(alice.id).value(), alice);
  const Npc full{.id = NpcId{0x8000000000000001},
                 .settings = {.world_description = "A town",
                              .character_description = "You are \"Iva\"\n",
                              .scene = "Rain",
                              .history_size = 4,
                              .has_scratchpad = false,
                              .temperature = 0.25,
                              .max_tokens = 77},
                 .registered = Instant{std::chrono::milliseconds(7)}};
  const Npc plain{.id = NpcId{2}, .settings = {.character = "ida"}};
  ASSERT_TRUE(store_->add_npc(full));
  ASSERT_TRUE(store_->add_npc(plain));
  EXPECT_EQ(store_->find_npc(full.id).value(), full);
  EXPECT_EQ(store_->list_npcs().value(), (std::vector<Npc>{full, plain}));
}

TEST_P(StoreContract, UnknownIdsAreTypedErrorsThatNameThem) {
  const Pair nobody{.npc = NpcId{7}, .user = UserId{8}};
  EXPECT_EQ(store_->find_npc(nobody.npc).error().code, ErrorCode::kNpcNotFound);
  EXPECT_NE(store_->find_npc(nobody.npc).error().what.find(print_id(nobody.npc)),
            std::string::npos);
  EXPECT_EQ(store_->find_user(nobody.user).error().code, ErrorCode::kUserNotFound);
  EXPECT_EQ(store_->find_user_named("Bob").error().code, ErrorCode::kUserNotFound);
  EXPECT_EQ(store_->remove_npc(nobody.npc).error().code, ErrorCode::kNpcNotFound);
  EXPECT_EQ(store_->remove_user(nobody.user).error().code, ErrorCode::kUserNotFound);
  EXPECT_EQ(store_->newest_turns(nobody, 5).error().code, ErrorCode::kNpcNotFound);
  npc(7);
  EXPECT_EQ(store_->newest_turns(nobody, 5).error().code, ErrorCode::kUserNotFound);
  EXPECT_EQ(store_->add_turn({.id = TurnId{1}, .pair = nobody, .reply = "x"}).error().code,
            ErrorCode::kUserNotFound);
  EXPECT_EQ(store_->remove_newest(nobody).error().code, ErrorCode::kUserNotFound);
  EXPECT_EQ(store_->remove_turns(nobody).error().code, ErrorCode::kUserNotFound);
  EXPECT_TRUE(store_->list_users()->empty()) << "asking makes nothing";
}

TEST_P(StoreContract, TakenIdsAreConflicts) {
  const Pair pair{.npc = npc(1), .user = user(1, "Alice")};
  EXPECT_EQ(store_->add_user({.id = UserId{1}, .name = "Bob"}).error().code, ErrorCode::kConflict);
  EXPECT_EQ(store_->add_npc({.id = NpcId{1}}).error().code, ErrorCode::kConflict);
  const Turn first = turn(1, pair);
  EXPECT_EQ(store_->add_turn(first).error().code, ErrorCode::kConflict);
  EXPECT_EQ(store_->newest_turns(pair, 9)->size(), 1U);
}

TEST_P(StoreContract, TurnsComeOldestFirstAndBelongToTheirPairAlone) {
  const Pair one{.npc = npc(1), .user = user(1, "Alice")};
  const Pair two{.npc = one.npc, .user = user(2, "Bob")};
  const Turn a = turn(30, one);
  const Turn b = turn(20, one);
  const Turn other = turn(25, two);
  const Turn c = turn(10, one);
  EXPECT_EQ(store_->newest_turns(one, 9).value(), (std::vector<Turn>{a, b, c}));
  EXPECT_EQ(store_->newest_turns(one, 2).value(), (std::vector<Turn>{b, c}));
  EXPECT_TRUE(store_->newest_turns(one, 0)->empty());
  EXPECT_EQ(store_->newest_turns(two, 9).value(), std::vector<Turn>{other});
}

TEST_P(StoreContract, AllOfATurnIsKept) {
  const Pair pair{.npc = npc(1), .user = user(1, "Alice")};
  const Turn spoken{.id = TurnId{0xF000000000000001},
                    .pair = pair,
                    .message = "Who?\n\"quoted\"",
                    .reply = "Ida. é",
                    .thoughts = "A stranger.",
                    .key = "k-1",
                    .at = Instant{std::chrono::milliseconds(42)}};
  const Turn greeting{.id = TurnId{2}, .pair = pair, .reply = "A penny."};
  ASSERT_TRUE(store_->add_turn(greeting));
  ASSERT_TRUE(store_->add_turn(spoken));
  EXPECT_EQ(store_->newest_turns(pair, 9).value(), (std::vector<Turn>{greeting, spoken}));
}

TEST_P(StoreContract, AKeyIsUsedOnceByAPair) {
  const Pair one{.npc = npc(1), .user = user(1, "Alice")};
  const Pair two{.npc = one.npc, .user = user(2, "Bob")};
  const Turn first{.id = TurnId{1}, .pair = one, .message = "q", .reply = "a", .key = "k"};
  ASSERT_TRUE(store_->add_turn(first));
  EXPECT_EQ(store_->find_turn(one, "k").value(), first);
  EXPECT_EQ(store_->find_turn(two, "k").value(), std::nullopt);
  EXPECT_EQ(store_->find_turn(one, "").value(), std::nullopt);
  EXPECT_EQ(store_->add_turn({.id = TurnId{2}, .pair = one, .reply = "b", .key = "k"}).error().code,
            ErrorCode::kConflict);
  EXPECT_TRUE(store_->add_turn({.id = TurnId{3}, .pair = two, .reply = "b", .key = "k"}));
  EXPECT_EQ(store_->newest_turns(one, 9)->size(), 1U);
}

TEST_P(StoreContract, TheNewestTurnCanBeReplacedOrTaken) {
  const Pair pair{.npc = npc(1), .user = user(1, "Alice")};
  const Turn a = turn(1, pair);
  const Turn b = turn(2, pair);
  const Turn better{.id = TurnId{3}, .pair = pair, .message = b.message, .reply = "better"};
  EXPECT_EQ(store_->replace_newest(a.id, better).error().code, ErrorCode::kConflict);
  ASSERT_TRUE(store_->replace_newest(b.id, better));
  EXPECT_EQ(store_->newest_turns(pair, 9).value(), (std::vector<Turn>{a, better}));
  EXPECT_EQ(store_->remove_newest(pair).value(), better);
  EXPECT_EQ(store_->remove_newest(pair).value(), a);
  EXPECT_EQ(store_->remove_newest(pair).value(), std::nullopt);
  EXPECT_EQ(store_->replace_newest(a.id, better).error().code, ErrorCode::kConflict);
}

TEST_P(StoreContract, RemovingTakesTheTurnsAlong) {
  const Pair one{.npc = npc(1), .user = user(1, "Alice")};
  const Pair two{.npc = npc(2), .user = one.user};
  turn(1, one);
  turn(2, one);
  turn(3, two);
  EXPECT_EQ(store_->remove_turns(one).value(), 2U);
  EXPECT_TRUE(store_->newest_turns(one, 9)->empty());
  EXPECT_EQ(store_->newest_turns(two, 9)->size(), 1U);
  ASSERT_TRUE(store_->remove_npc(two.npc));
  EXPECT_EQ(store_->newest_turns(two, 9).error().code, ErrorCode::kNpcNotFound);
  npc(2);
  EXPECT_TRUE(store_->newest_turns(two, 9)->empty());
  turn(4, two);
  ASSERT_TRUE(store_->remove_user(two.user));
  user(1, "Alice");
  EXPECT_TRUE(store_->newest_turns(two, 9)->empty());
}

TEST_P(StoreContract, ServesSeveralThreads) {
  const Pair pair{.npc = npc(1), .user = user(1, "Alice")};
  std::vector<std::jthread> threads;
  for (std::uint64_t n = 0; n < 4; ++n) {
    threads.emplace_back([this, pair, n] {
      for (std::uint64_t k = 0; k < 10; ++k) turn(100 * n + k + 1, pair);
    });
  }
  threads.clear();
  EXPECT_EQ(store_->newest_turns(pair, 100)->size(), 40U);
}

}  // namespace dramatis::dialogue::testing
