// What every arena::Store must do. `Maker` has `Store& store()`, which is empty at first, and
// `Store& reopened()`: the same after its program died; what store() gave is gone then. One that
// has `is_there()` may say that there is no such store here.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "arena/store.h"

namespace dramatis::arena::testing {

template <class Maker>
class ArenaStore : public ::testing::Test {
 protected:
  void SetUp() override {
    if constexpr (requires { Maker::is_there(); }) {
      if (!Maker::is_there()) GTEST_SKIP() << "there is no such store here";
    }
  }
  Maker maker_;
};
TYPED_TEST_SUITE_P(ArenaStore);

inline Talk talk_of(std::uint64_t id) {
  return {.id = TalkId{id},
          .participants = {{.npc = NpcId{1},
                            .name = "Ida \"Oar\" Fenn",
                            .short_name = "Ida",
                            .hears = UserId{12},
                            .conversation = ConversationId{21}},
                           {.npc = NpcId{2},
                            .name = "Tom",
                            .short_name = "Tom",
                            .hears = UserId{11},
                            .conversation = ConversationId{~0ULL}}},
          .opening = "Hello!\nWho are you?",
          .order = Order::kNamed,
          .named = {0, 1},
          .seed = ~0ULL,
          .started = Instant(std::chrono::milliseconds(1000 + id))};
}

inline Line line_of(std::size_t speaker, std::string text) {
  return {.speaker = speaker,
          .text = std::move(text),
          .turn = TurnId{~1ULL},
          .at = Instant(std::chrono::milliseconds(5)),
          .took = std::chrono::milliseconds(7)};
}

TYPED_TEST_P(ArenaStore, KeepsTalksLineByLine) {
  Store& store = this->maker_.store();
  Talk talk = talk_of(3);
  ASSERT_TRUE(store.add_talk(talk));
  EXPECT_EQ(store.add_talk(talk).error().code, ErrorCode::kConflict);
  EXPECT_EQ(store.find_talk(talk.id).value(), talk);
  talk.lines = {line_of(0, "A penny.\n\u201CMind\u201D the plank."), line_of(1, "")};
  ASSERT_TRUE(store.add_line(talk.id, 0, talk.lines[0]));
  EXPECT_EQ(store.add_line(talk.id, 0, talk.lines[1]).error().code, ErrorCode::kConflict);
  EXPECT_EQ(store.add_line(talk.id, 2, talk.lines[1]).error().code, ErrorCode::kConflict);
  ASSERT_TRUE(store.add_line(talk.id, 1, talk.lines[1]));
  EXPECT_EQ(this->maker_.reopened().find_talk(talk.id).value(), talk);
}

TYPED_TEST_P(ArenaStore, WhatIsNotThereIsNotFound) {
  Store& store = this->maker_.store();
  EXPECT_EQ(store.find_talk(TalkId{9}).error().code, ErrorCode::kNotFound);
  EXPECT_THAT(store.find_talk(TalkId{9}).error().what, ::testing::HasSubstr("talk_00"));
  EXPECT_EQ(store.add_line(TalkId{9}, 0, {}).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(store.remove_talk(TalkId{9}).error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(store.list_talks(10).value().empty());
}

TYPED_TEST_P(ArenaStore, ListsTheNewestFirstWithoutLines) {
  Store& store = this->maker_.store();
  for (const std::uint64_t id : {5, 3, 4}) {
    Talk talk = talk_of(id);
    talk.started = Instant(std::chrono::milliseconds(10 - (id == 5 ? 5 : id == 3 ? 4 : 3)));
    ASSERT_TRUE(store.add_talk(talk));
    ASSERT_TRUE(store.add_line(talk.id, 0, line_of(0, "A penny.")));
  }
  const auto listed = store.list_talks(2).value();
  ASSERT_EQ(listed.size(), 2U);
  EXPECT_EQ(listed[0].id, TalkId{4});
  EXPECT_EQ(listed[1].id, TalkId{3});
  EXPECT_TRUE(listed[0].lines.empty());
  ASSERT_TRUE(store.remove_talk(TalkId{4}));
  EXPECT_EQ(this->maker_.reopened().list_talks(2).value()[0].id, TalkId{3});
}

TYPED_TEST_P(ArenaStore, AnNpcIsOnePlayer) {
  Store& store = this->maker_.store();
  EXPECT_FALSE(store.player_of(NpcId{1}).value());
  ASSERT_TRUE(store.keep_player(NpcId{1}, UserId{11}));
  EXPECT_EQ(store.keep_player(NpcId{1}, UserId{12}).error().code, ErrorCode::kConflict);
  EXPECT_FALSE(store.player_of(NpcId{2}).value());
  EXPECT_EQ(this->maker_.reopened().player_of(NpcId{1}).value(), UserId{11});
}

REGISTER_TYPED_TEST_SUITE_P(ArenaStore, KeepsTalksLineByLine, WhatIsNotThereIsNotFound,
                            ListsTheNewestFirstWithoutLines, AnNpcIsOnePlayer);

}  // namespace dramatis::arena::testing
