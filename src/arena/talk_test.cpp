#include "arena/talk.h"

#include <gtest/gtest.h>

#include "text/limits.h"

namespace dramatis::arena {
namespace {

Talk three() {
  Talk talk{.id = TalkId{1}, .opening = "Who begins?"};
  for (const char* name : {"Ida Fenn", "Tom Reed", "Old Brida"}) {
    const std::string whole(name);
    talk.participants.push_back({.name = whole, .short_name = whole.substr(0, whole.find(' '))});
  }
  talk.participants[2].short_name = "Brida";
  return talk;
}

void say(Talk& talk, std::size_t speaker, std::string text) {
  talk.lines.push_back({.speaker = speaker, .text = std::move(text)});
}

TEST(Talk, IdsAreReadAsTheyArePrinted) {
  EXPECT_EQ(print_id(TalkId{0xAB}), "talk_00000000000000ab");
  EXPECT_EQ(parse_talk_id("talk_00000000000000ab"), TalkId{0xAB});
  for (const char* wrong : {"", "talk_", "talk_00000000000000AB", "npc_00000000000000ab",
                            "talk_00000000000000abc", "talk_-0000000000000ab"}) {
    EXPECT_FALSE(parse_talk_id(wrong)) << wrong;
  }
}

TEST(Talk, OrdersHaveNames) {
  for (const Order order : {Order::kRoundRobin, Order::kNamed, Order::kNatural})
    EXPECT_EQ(parse_order(print(order)).value(), order);
  EXPECT_EQ(parse_order("loud").error().code, ErrorCode::kInvalidArgument);
}

TEST(Talk, RoundRobinGoesRound) {
  Talk talk = three();
  EXPECT_EQ(next_speaker(talk), 0U);
  for (std::size_t n = 0; n < 7; ++n) {
    EXPECT_EQ(next_speaker(talk), n % 3);
    say(talk, n % 3, "Tom?");
  }
}

TEST(Talk, AListIsFollowedButNobodySpeaksTwice) {
  Talk talk = three();
  talk.order = Order::kNamed;
  talk.named = {2, 0, 0, 1};
  std::vector<std::size_t> spoke;
  for (int n = 0; n < 8; ++n) {
    spoke.push_back(next_speaker(talk));
    say(talk, spoke.back(), "Well.");
  }
  EXPECT_EQ(spoke, (std::vector<std::size_t>{2, 0, 1, 2, 0, 1, 0, 1}));
}

TEST(Talk, NaturallyWhoIsNamedFirstAnswers) {
  Talk talk = three();
  talk.order = Order::kNatural;
  say(talk, 0, "I, Ida, ask Brida, and then tom.");
  EXPECT_EQ(next_speaker(talk), 2U);
  say(talk, 2, "Tomorrow.");  // no name of anybody's: the longest silent
  EXPECT_EQ(next_speaker(talk), 1U);
  say(talk, 1, "Yes.");
  EXPECT_EQ(next_speaker(talk), 0U);
  say(talk, 0, "Old Brida, and you, Tom Reed?");
  EXPECT_EQ(next_speaker(talk), 2U);
}

TEST(Talk, OfTwoEachHearsTheOthersWords) {
  Talk talk = three();
  talk.participants.pop_back();
  EXPECT_EQ(heard_by(talk, 0), "Who begins?");
  say(talk, 0, "One.\nTwo.");
  EXPECT_EQ(heard_by(talk, 1), "One.\nTwo.");
  say(talk, 1, "Three.");
  EXPECT_EQ(heard_by(talk, 0), "Three.");
}

TEST(Talk, OfMoreEachHearsWhoSaidWhatSinceItSpoke) {
  Talk talk = three();
  say(talk, 0, "One.\nTom Reed: Not I.");
  say(talk, 1, "Two.");
  EXPECT_EQ(heard_by(talk, 2), "Ida Fenn: One. Tom Reed: Not I.\nTom Reed: Two.");
  EXPECT_EQ(heard_by(talk, 0), "Tom Reed: Two.");
  say(talk, 2, "Three.");
  EXPECT_EQ(heard_by(talk, 0), "Tom Reed: Two.\nOld Brida: Three.");
}

TEST(Talk, WhatIsHeardFitsAMessageAndTheNewestStays) {
  Talk talk = three();
  say(talk, 0, std::string(text::kMaxUtteranceBytes - 20, 'a'));
  say(talk, 1, "The newest of the two.");
  EXPECT_EQ(heard_by(talk, 2), "Tom Reed: The newest of the two.");
  say(talk, 0, std::string(2 * text::kMaxUtteranceBytes, 'b'));
  EXPECT_EQ(heard_by(talk, 2).size(), text::kMaxUtteranceBytes);
}

}  // namespace
}  // namespace dramatis::arena
