#include "server/evennia_answer.h"

#include <gtest/gtest.h>

namespace dramatis::server {
namespace {

const EvenniaTalk kTalk{.npc = "villager", .player = "Anna"};

std::string line(std::string_view said, lm::StopReason why = lm::StopReason::kEndOfTurn) {
  return evennia_line(said, kTalk, why);
}

TEST(EvenniaAnswer, IsOneLineOfTheNpcAlone) {
  EXPECT_EQ(line("  Good day.\n"), "Good day.");
  EXPECT_EQ(line("villager: villager says: Good day."), "Good day.");
  EXPECT_EQ(line("villager says, Good day."), "Good day.");
  EXPECT_EQ(line("Good\n\nday to\tyou"), "Good day to you");
  EXPECT_EQ(line("Good day.\nAnna: And to you.\nvillager: Aye."), "Good day.");
  EXPECT_EQ(line("Good day. Anna: And to you."), "Good day.");
  EXPECT_EQ(line("Good day.\nvillager: Yes."), "Good day.");
  EXPECT_EQ(line("\"Good day.\""), "Good day.");
  EXPECT_EQ(line("\"Good\", she said, \"day.\""), "\"Good\", she said, \"day.\"");
  EXPECT_EQ(line("Good day.<|im_end|></s>"), "Good day.");
}

TEST(EvenniaAnswer, LeavesWordsAloneThatOnlyLookLikeALabel) {
  EXPECT_EQ(line("villager says yes"), "villager says yes");
  EXPECT_EQ(line("villagers: they come and go"), "villagers: they come and go");
  EXPECT_EQ(line("I told Anna: no."), "I told Anna: no.");
  EXPECT_EQ(line("Susanna: she is my aunt."), "Susanna: she is my aunt.");
}

TEST(EvenniaAnswer, EndsWithASentenceWhereItWasCut) {
  EXPECT_EQ(line("One. Two! And thr", lm::StopReason::kLength), "One. Two!");
  EXPECT_EQ(line("and so it goes on", lm::StopReason::kLength), "and so it goes on");
  EXPECT_EQ(line("One. And two"), "One. And two");
}

TEST(EvenniaAnswer, MayBeNothing) {
  EXPECT_EQ(line(" \n "), "");
  EXPECT_EQ(line("Anna: I speak for her."), "");
}

// What Evennia's formatter, its function parser and its markup would act on.
TEST(EvenniaAnswer, DoesNothingInTheGame) {
  EXPECT_EQ(evennia_safe(R"({"a":1} {character} {0})"), R"(("a":1) (character) (0))");
  EXPECT_EQ(evennia_safe("$You() $pron(I) $5 costs $foo"), "You() pron(I) $5 costs $foo");
  EXPECT_EQ(evennia_safe("$You{x} $$You() $ $You ( "), "You(x) You()  You (");
  EXPECT_EQ(evennia_safe("$Y$ou() $a $b("), "You() $a b(");
  EXPECT_EQ(evennia_safe("|rred|n |lclook|ltme|le ||"), "/rred/n /lclook/ltme/le //");
  EXPECT_EQ(evennia_safe("back\\slash\r\nnext"), "back/slash  next");
}

TEST(EvenniaAnswer, StopsBeforeTheNextLine) {
  EXPECT_EQ(evennia_stops(kTalk), (std::vector<std::string>{"\nAnna:", "\nvillager:"}));
  EXPECT_TRUE(evennia_stops({.player = std::string(300, 'x')}).empty());
}

}  // namespace
}  // namespace dramatis::server
