// What every store must do, as one suite: instantiate it with a way to make an empty one.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "dialogue/limits.h"
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
  Conversation talk(std::uint64_t id, Pair pair, std::vector<Turn> turns = {}) {
    Conversation made{.id = ConversationId{id}, .pair = pair};
    for (auto& turn : turns) {
      turn.conversation = made.id;
      turn.pair = pair;
    }
    EXPECT_TRUE(store_->begin(made, turns));
    return made;
  }
  // Appends a turn to `talk`.
  Turn turn(std::uint64_t id, const Conversation& talk) {
    const Turn made{.id = TurnId{id},
                    .conversation = talk.id,
                    .pair = talk.pair,
                    .message = fmt::format("q{}", id),
                    .spoken = {.reply = fmt::format("a{}", id)}};
    EXPECT_TRUE(store_->add_turn(made, newest(talk)));
    return made;
  }
  std::optional<TurnId> newest(const Conversation& talk) {
    const auto turns = store_->newest_turns(talk.id, 1).value();
    return turns.empty() ? std::nullopt : std::optional(turns.front().id);
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
                              .max_tokens = 77,
                              .model = "larger",
                              .adapters = {{.name = "ida", .scale = 0.5}},
                              .top_k = 3,
                              .top_p = 0.5},
                 .registered = Instant{std::chrono::milliseconds(7)}};
  const Npc plain{.id = NpcId{2}, .settings = {.character = "ida"}};
  ASSERT_TRUE(store_->add_npc(full));
  ASSERT_TRUE(store_->add_npc(plain));
  EXPECT_EQ(store_->find_npc(full.id).value(), full);
  EXPECT_EQ(store_->list_npcs().value(), (std::vector<Npc>{full, plain}));
}

TEST_P(StoreContract, SettingsOfAnNpcCanChange) {
  const NpcId ida = npc(1);
  const NpcSettings quiet{.character = "ida", .temperature = 0, .model = "other"};
  ASSERT_TRUE(store_->update_npc(ida, quiet));
  EXPECT_EQ(store_->find_npc(ida)->settings, quiet);
  EXPECT_EQ(store_->update_npc(NpcId{9}, quiet).error().code, ErrorCode::kNpcNotFound);
}

TEST_P(StoreContract, UnknownIdsAreTypedErrorsThatNameThem) {
  const Pair nobody{.npc = NpcId{7}, .user = UserId{8}};
  const ConversationId nowhere{9};
  const TurnId never{10};
  EXPECT_EQ(store_->find_npc(nobody.npc).error().code, ErrorCode::kNpcNotFound);
  EXPECT_NE(store_->find_npc(nobody.npc).error().what.find(print_id(nobody.npc)),
            std::string::npos);
  EXPECT_EQ(store_->find_user(nobody.user).error().code, ErrorCode::kUserNotFound);
  EXPECT_EQ(store_->find_user_named("Bob").error().code, ErrorCode::kUserNotFound);
  EXPECT_EQ(store_->remove_npc(nobody.npc).error().code, ErrorCode::kNpcNotFound);
  EXPECT_EQ(store_->remove_user(nobody.user).error().code, ErrorCode::kUserNotFound);
  EXPECT_EQ(store_->find_turn(nobody, "k").error().code, ErrorCode::kNpcNotFound);
  EXPECT_EQ(store_->begin({.id = nowhere, .pair = nobody}, {}).error().code,
            ErrorCode::kNpcNotFound);
  npc(7);
  EXPECT_EQ(store_->find_turn(nobody, "k").error().code, ErrorCode::kUserNotFound);
  EXPECT_EQ(store_->begin({.id = nowhere, .pair = nobody}, {}).error().code,
            ErrorCode::kUserNotFound);
  EXPECT_TRUE(store_->list_users()->empty()) << "asking makes nothing";
  const auto no_talk = ErrorCode::kConversationNotFound;
  EXPECT_EQ(store_->find_conversation(nowhere).error().code, no_talk);
  EXPECT_EQ(store_->newest_turns(nowhere, 5).error().code, no_talk);
  EXPECT_EQ(store_->remove_turns(nowhere).error().code, no_talk);
  EXPECT_EQ(store_->make_current(nowhere).error().code, no_talk);
  EXPECT_EQ(store_->remove_conversation(nowhere).error().code, no_talk);
  const auto leave = [](Conversation& /*it*/) -> Status { return {}; };
  EXPECT_EQ(store_->change_conversation(nowhere, leave).error().code, no_talk);
  EXPECT_EQ(store_->list_conversations({.before = nowhere, .count = 1}).error().code, no_talk);
  EXPECT_EQ(store_->add_turn({.id = never, .conversation = nowhere}, {}).error().code, no_talk);
  const auto no_turn = ErrorCode::kTurnNotFound;
  EXPECT_EQ(store_->find_turn(never).error().code, no_turn);
  EXPECT_NE(store_->find_turn(never).error().what.find(print_id(never)), std::string::npos);
  EXPECT_EQ(store_->edit_message(never, "x").error().code, no_turn);
  EXPECT_EQ(store_->remove_turns_from(never).error().code, no_turn);
  EXPECT_EQ(store_->add_alternative(never, {}).error().code, no_turn);
  EXPECT_EQ(store_->list_alternatives(never).error().code, no_turn);
  EXPECT_EQ(store_->choose_alternative(never, 0).error().code, no_turn);
}

TEST_P(StoreContract, TakenIdsAreConflicts) {
  const Pair pair{.npc = npc(1), .user = user(1, "Alice")};
  EXPECT_EQ(store_->add_user({.id = UserId{1}, .name = "Bob"}).error().code, ErrorCode::kConflict);
  EXPECT_EQ(store_->add_npc({.id = NpcId{1}}).error().code, ErrorCode::kConflict);
  const auto one = talk(1, pair);
  EXPECT_EQ(store_->begin(one, {}).error().code, ErrorCode::kConflict);
  const Turn first = turn(1, one);
  EXPECT_EQ(store_->add_turn(first, first.id).error().code, ErrorCode::kConflict);
  const Turn copy{.id = first.id, .conversation = ConversationId{2}, .pair = pair};
  EXPECT_EQ(store_->begin({.id = ConversationId{2}, .pair = pair}, {&copy, 1}).error().code,
            ErrorCode::kConflict);
  EXPECT_EQ(store_->find_conversation(ConversationId{2}).error().code,
            ErrorCode::kConversationNotFound)
      << "begun whole or not at all";
  EXPECT_EQ(store_->current_conversation(pair).value(), one);
  EXPECT_EQ(store_->newest_turns(one.id, 9)->size(), 1U);
}

TEST_P(StoreContract, TurnsComeOldestFirstAndBelongToTheirConversationAlone) {
  const Pair pair{.npc = npc(1), .user = user(1, "Alice")};
  const auto one = talk(1, pair);
  const auto two = talk(2, pair);
  const Turn a = turn(30, one);
  const Turn b = turn(20, one);
  const Turn other = turn(25, two);
  const Turn c = turn(10, one);
  EXPECT_EQ(store_->newest_turns(one.id, 9).value(), (std::vector<Turn>{a, b, c}));
  EXPECT_EQ(store_->newest_turns(one.id, 2).value(), (std::vector<Turn>{b, c}));
  EXPECT_TRUE(store_->newest_turns(one.id, 0)->empty());
  EXPECT_EQ(store_->newest_turns(one.id, 1, c.id).value(), std::vector<Turn>{b});
  EXPECT_TRUE(store_->newest_turns(one.id, 9, a.id)->empty());
  EXPECT_EQ(store_->newest_turns(one.id, 9, other.id).error().code, ErrorCode::kTurnNotFound);
  EXPECT_EQ(store_->newest_turns(two.id, 9).value(), std::vector<Turn>{other});
  EXPECT_EQ(store_->find_turn(b.id).value(), b);
}

TEST_P(StoreContract, ATurnFollowsTheOneItsSpeakersHaveHeard) {
  const auto one = talk(1, {.npc = npc(1), .user = user(1, "Alice")});
  const Turn a{.id = TurnId{1}, .conversation = one.id, .pair = one.pair, .spoken = {.reply = "a"}};
  EXPECT_EQ(store_->add_turn(a, TurnId{9}).error().code, ErrorCode::kConflict);
  ASSERT_TRUE(store_->add_turn(a, std::nullopt));
  const Turn b{.id = TurnId{2}, .conversation = one.id, .pair = one.pair, .spoken = {.reply = "b"}};
  EXPECT_EQ(store_->add_turn(b, std::nullopt).error().code, ErrorCode::kConflict);
  EXPECT_TRUE(store_->add_turn(b, a.id));
}

TEST_P(StoreContract, AllOfAConversationIsKept) {
  const Pair pair{.npc = npc(1), .user = user(1, "Alice")};
  Account account{.model = "hearth", .prompt_tokens = 90, .prompt_digest = "ab"};
  account.how.seed = ~0ULL;
  account.sections = {{.name = "world", .tokens = 4, .cut = 1}};
  const Turn greeting{.id = TurnId{2}, .spoken = {.reply = "A penny."}};
  const Turn spoken{.id = TurnId{0xF000000000000001},
                    .message = "Who?\n\"quoted\"",
                    .spoken = {.reply = "Ida. é",
                               .thoughts = "A stranger.",
                               .account = account,
                               .at = Instant{std::chrono::milliseconds(42)}},
                    .key = "k-1"};
  Conversation full{.id = ConversationId{0xFFFFFFFFFFFFFFF1},
                    .pair = pair,
                    .title = "The toll",
                    .scene = {.place = "The weir", .time = "Dusk", .player_is = "a tinker"},
                    .note = "Be short.",
                    .branched_after = TurnId{0x8000000000000002},
                    .started = Instant{std::chrono::milliseconds(9)}};
  std::vector<Turn> turns{greeting, spoken};
  for (auto& turn : turns) {
    turn.conversation = full.id;
    turn.pair = pair;
  }
  ASSERT_TRUE(store_->begin(full, turns));
  EXPECT_EQ(store_->find_conversation(full.id).value(), full);
  EXPECT_EQ(store_->newest_turns(full.id, 9).value(), turns);
  full.title = "";
  full.scene = {.status = "It rains."};
  full.note = "Be long.";
  const auto change = [&full](Conversation& kept) -> Status {
    kept = full;
    return {};
  };
  EXPECT_EQ(store_->change_conversation(full.id, change).value(), full);
  EXPECT_EQ(store_->find_conversation(full.id).value(), full);
  const auto refuse = [](Conversation& kept) {
    kept.title = "Never";
    return fail(ErrorCode::kInvalidArgument, "no");
  };
  EXPECT_EQ(store_->change_conversation(full.id, refuse).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(store_->find_conversation(full.id).value(), full);
  EXPECT_EQ(store_->newest_turns(full.id, 9).value(), turns);
}

TEST_P(StoreContract, ChangesAtTheSameTimeAddUp) {
  const Pair pair{.npc = npc(1), .user = user(1, "Alice")};
  const auto begun = talk(1, pair);
  const auto add = [&](std::string Conversation::*field) {
    for (int n = 0; n < 25; ++n) {
      const auto longer = [field](Conversation& kept) -> Status {
        kept.*field += 'x';
        return {};
      };
      EXPECT_TRUE(store_->change_conversation(begun.id, longer));
    }
  };
  {
    const std::jthread titles([&] { add(&Conversation::title); });
    const std::jthread notes([&] { add(&Conversation::note); });
    add(&Conversation::note);
  }
  const auto kept = store_->find_conversation(begun.id).value();
  EXPECT_EQ(kept.title, begun.title + std::string(25, 'x'));
  EXPECT_EQ(kept.note, begun.note + std::string(50, 'x'));
}

TEST_P(StoreContract, ThePairsCurrentConversationIsTheLastBegunOrChosen) {
  const Pair pair{.npc = npc(1), .user = user(1, "Alice")};
  const Pair other{.npc = pair.npc, .user = user(2, "Bob")};
  EXPECT_EQ(store_->current_conversation(pair).value(), std::nullopt);
  const auto one = talk(1, pair);
  const auto two = talk(2, pair);
  const auto three = talk(3, pair);
  const auto bobs = talk(4, other);
  EXPECT_EQ(store_->current_conversation(pair).value(), three);
  ASSERT_TRUE(store_->make_current(one.id));
  EXPECT_EQ(store_->current_conversation(pair).value(), one);
  EXPECT_EQ(store_->current_conversation(other).value(), bobs);
  ASSERT_TRUE(store_->remove_conversation(two.id));
  EXPECT_EQ(store_->current_conversation(pair).value(), one);
  ASSERT_TRUE(store_->remove_conversation(one.id));
  EXPECT_EQ(store_->current_conversation(pair).value(), three);
  ASSERT_TRUE(store_->remove_conversation(three.id));
  EXPECT_EQ(store_->current_conversation(pair).value(), std::nullopt);
}

TEST_P(StoreContract, ConversationsAreListedByPageNewestFirst) {
  const Pair pair{.npc = npc(1), .user = user(1, "Alice")};
  const Pair other{.npc = npc(2), .user = pair.user};
  const auto one = talk(11, pair);
  const auto two = talk(5, other);
  const auto three = talk(7, pair);
  using Talks = std::vector<Conversation>;
  EXPECT_EQ(store_->list_conversations({.count = 9}).value(), (Talks{three, two, one}));
  EXPECT_EQ(store_->list_conversations({.count = 2}).value(), (Talks{three, two}));
  EXPECT_EQ(store_->list_conversations({.before = two.id, .count = 2}).value(), Talks{one});
  EXPECT_EQ(store_->list_conversations({.npc = pair.npc, .count = 9}).value(), (Talks{three, one}));
  EXPECT_EQ(store_->list_conversations({.npc = other.npc, .user = pair.user, .count = 9}).value(),
            Talks{two});
  EXPECT_TRUE(store_->list_conversations({.user = UserId{9}, .count = 9})->empty());
}

TEST_P(StoreContract, AKeyIsUsedOnceByAPair) {
  const Pair alices{.npc = npc(1), .user = user(1, "Alice")};
  const auto one = talk(1, alices);
  const auto two = talk(2, alices);
  const auto bobs = talk(3, {.npc = alices.npc, .user = user(2, "Bob")});
  const auto keyed = [](std::uint64_t id, const Conversation& talk) {
    return Turn{.id = TurnId{id},
                .conversation = talk.id,
                .pair = talk.pair,
                .message = "q",
                .spoken = {.reply = "a"},
                .key = "k"};
  };
  ASSERT_TRUE(store_->add_turn(keyed(1, one), {}));
  EXPECT_EQ(store_->find_turn(alices, "k").value(), keyed(1, one));
  EXPECT_EQ(store_->find_turn(bobs.pair, "k").value(), std::nullopt);
  EXPECT_EQ(store_->find_turn(alices, "").value(), std::nullopt);
  EXPECT_EQ(store_->add_turn(keyed(2, one), TurnId{1}).error().code, ErrorCode::kConflict);
  EXPECT_EQ(store_->add_turn(keyed(2, two), {}).error().code, ErrorCode::kConflict);
  EXPECT_TRUE(store_->add_turn(keyed(3, bobs), {}));
  EXPECT_EQ(store_->newest_turns(one.id, 9)->size(), 1U);
}

TEST_P(StoreContract, RepliesAreKeptBesideEachOther) {
  const auto one = talk(1, {.npc = npc(1), .user = user(1, "Alice")});
  turn(1, one);
  const Turn b = turn(2, one);
  EXPECT_EQ(store_->list_alternatives(b.id).value(), std::vector<Alternative>{b.spoken});
  const Alternative better{.reply = "better",
                           .thoughts = "hm",
                           .account = Account{.model = "m"},
                           .at = Instant{std::chrono::milliseconds(3)}};
  Turn now = b;
  now.spoken = better;
  now.chosen = 1;
  now.alternatives = 2;
  EXPECT_EQ(store_->add_alternative(b.id, better).value(), now);
  EXPECT_EQ(store_->newest_turns(one.id, 1)->front(), now);
  EXPECT_EQ(store_->list_alternatives(b.id).value(), (std::vector{b.spoken, better}));
  now.spoken = b.spoken;
  now.chosen = 0;
  EXPECT_EQ(store_->choose_alternative(b.id, 0).value(), now);
  EXPECT_EQ(store_->find_turn(b.id).value(), now);
  EXPECT_EQ(store_->choose_alternative(b.id, 2).error().code, ErrorCode::kInvalidArgument);
  for (std::size_t n = 2; n < kMaxAlternatives; ++n)
    ASSERT_TRUE(store_->add_alternative(b.id, better));
  EXPECT_EQ(store_->add_alternative(b.id, better).error().code, ErrorCode::kOverBudget);
  EXPECT_EQ(store_->list_alternatives(b.id)->size(), kMaxAlternatives);
}

TEST_P(StoreContract, WhatWasSaidCanBeEditedAndTakenBack) {
  const auto one = talk(1, {.npc = npc(1), .user = user(1, "Alice")});
  const Turn a = turn(1, one);
  Turn b = turn(2, one);
  turn(3, one);
  ASSERT_TRUE(store_->add_alternative(TurnId{3}, {.reply = "x"}));
  ASSERT_TRUE(store_->edit_message(b.id, "other"));
  b.message = "other";
  EXPECT_EQ(store_->find_turn(b.id).value(), b);
  EXPECT_EQ(store_->remove_turns_from(b.id).value(), 2U);
  EXPECT_EQ(store_->newest_turns(one.id, 9).value(), std::vector<Turn>{a});
  EXPECT_EQ(store_->list_alternatives(TurnId{3}).error().code, ErrorCode::kTurnNotFound);
  turn(4, one);
  EXPECT_EQ(store_->remove_turns(one.id).value(), 2U);
  EXPECT_TRUE(store_->newest_turns(one.id, 9)->empty());
  EXPECT_TRUE(store_->find_conversation(one.id));
}

TEST_P(StoreContract, RemovingTakesConversationsAndTurnsAlong) {
  const Pair pair{.npc = npc(1), .user = user(1, "Alice")};
  const Pair other{.npc = npc(2), .user = pair.user};
  const auto one = talk(1, pair);
  const auto two = talk(2, other);
  turn(1, one);
  turn(2, two);
  ASSERT_TRUE(store_->remove_npc(other.npc));
  EXPECT_FALSE(store_->find_conversation(two.id));
  EXPECT_FALSE(store_->find_turn(TurnId{2}));
  EXPECT_TRUE(store_->find_turn(TurnId{1}));
  ASSERT_TRUE(store_->remove_user(pair.user));
  EXPECT_FALSE(store_->find_turn(TurnId{1}));
  user(1, "Alice");
  EXPECT_EQ(store_->current_conversation(pair).value(), std::nullopt);
  EXPECT_TRUE(store_->list_conversations({.count = 9})->empty());
}

TEST_P(StoreContract, ServesSeveralThreads) {
  const Pair pair{.npc = npc(1), .user = user(1, "Alice")};
  std::vector<Conversation> talks;
  for (std::uint64_t n = 0; n < 4; ++n) talks.push_back(talk(n + 1, pair));
  std::vector<std::jthread> threads;
  for (std::uint64_t n = 0; n < 4; ++n) {
    threads.emplace_back([this, &talks, n] {
      for (std::uint64_t k = 0; k < 10; ++k) turn(100 * n + k + 1, talks[n]);
    });
  }
  threads.clear();
  for (const auto& one : talks) EXPECT_EQ(store_->newest_turns(one.id, 100)->size(), 10U);
}

TEST_P(StoreContract, OfTwoThatSpeakAtOnceOneIsHeard) {
  const auto one = talk(1, {.npc = npc(1), .user = user(1, "Alice")});
  std::atomic<int> heard = 0;
  std::vector<std::jthread> threads;
  for (std::uint64_t n = 1; n <= 4; ++n) {
    threads.emplace_back([this, &one, &heard, n] {
      const Turn made{
          .id = TurnId{n}, .conversation = one.id, .pair = one.pair, .spoken = {.reply = "a"}};
      const auto added = store_->add_turn(made, {});
      added ? ++heard : 0;
      EXPECT_TRUE(added || added.error().code == ErrorCode::kConflict);
    });
  }
  threads.clear();
  EXPECT_EQ(heard, 1);
  EXPECT_EQ(store_->newest_turns(one.id, 9)->size(), 1U);
}

}  // namespace dramatis::dialogue::testing
