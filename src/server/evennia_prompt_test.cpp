#include "server/evennia_prompt.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dramatis::server {
namespace {

using lm::Role;

std::string usual(const std::string& npc, const std::string& desc, const std::string& place,
                  const std::string& player) {
  return fmt::format(
      "You are roleplaying as {0}, a {1} existing in {2}. Answer with short sentences. Only "
      "respond "
      "as {0} would. From here on, the conversation between {0} and {3} begins.\n",
      npc, desc, place, player);
}

TEST(EvenniaPrompt, ReadsTheUsualSentenceAndTheLines) {
  const auto talk = read_evennia_prompt(
      usual("villager", "stout smith", "the forge", "Anna") +
      "Anna: Hello: are you there?\nvillager: Aye.\nI am.\nAnna: Good.\nAnna: Well?");
  ASSERT_TRUE(talk);
  EXPECT_EQ(talk->npc, "villager");
  EXPECT_EQ(talk->player, "Anna");
  EXPECT_EQ(talk->description, "stout smith");
  EXPECT_EQ(talk->place, "the forge");
  EXPECT_EQ(talk->prefix, "");
  EXPECT_EQ(talk->lines,
            (std::vector<lm::Message>{{.role = Role::kPlayer, .text = "Hello: are you there?"},
                                      {.role = Role::kNpc, .text = "Aye.\nI am."},
                                      {.role = Role::kPlayer, .text = "Good.\nWell?"}}));
}

// As every version of the contrib writes it for an NPC that nobody described.
TEST(EvenniaPrompt, KnowsWhatEvenniaFillsIn) {
  for (const std::string& filling :
       std::vector<std::string>{"someone", "This is a character.", "You see nothing special."}) {
    const auto talk =
        read_evennia_prompt(usual("villager(#3)", filling, "Limbo", "Anna") + "Anna: Hi");
    ASSERT_TRUE(talk) << filling;
    EXPECT_EQ(talk->npc, "villager");
    EXPECT_EQ(talk->description, "");
  }
  const auto numbered = read_evennia_prompt(usual("villager(#3)", "someone", "Limbo", "Anna") +
                                            "Anna: Hi\nvillager: Ho\nAnna: Hm");
  EXPECT_EQ(numbered->lines.size(), 3u);
}

TEST(EvenniaPrompt, NamesAndDescriptionsMayHoldAnything) {
  const auto talk =
      read_evennia_prompt(usual("Ann, a smith", "cook existing in fear. The tale begins.\nOdd",
                                "a cave existing in Or", "Bo and Co") +
                          "Bo and Co: Hi");
  ASSERT_TRUE(talk);
  EXPECT_EQ(talk->npc, "Ann, a smith");
  EXPECT_EQ(talk->player, "Bo and Co");
  EXPECT_EQ(talk->lines.back().text, "Hi");
}

TEST(EvenniaPrompt, ReadsAnOwnersSentenceByTheLabels) {
  const auto talk = read_evennia_prompt(
      "You are a grumpy ogre.\nRules: be short.\nogre: Grr.\nAnna: Hello\nogre: Go!\nAnna: No.");
  ASSERT_TRUE(talk);
  EXPECT_EQ(talk->npc, "ogre");
  EXPECT_EQ(talk->player, "Anna");
  EXPECT_EQ(talk->prefix, "You are a grumpy ogre.\nRules: be short.");
  EXPECT_EQ(talk->lines.size(), 4u);
  EXPECT_EQ(talk->lines.front().role, Role::kNpc);
}

// Evennia's own test of its contrib sends exactly this.
TEST(EvenniaPrompt, ReadsTheFirstLineOfATalkWithAnOwnersSentence) {
  const auto talk = read_evennia_prompt("You are a test bot.\nTest NPC: Hello");
  ASSERT_TRUE(talk);
  EXPECT_EQ(talk->npc, "");
  EXPECT_EQ(talk->player, "Test NPC");
  EXPECT_EQ(talk->prefix, "You are a test bot.");
  EXPECT_EQ(talk->lines.back().text, "Hello");
}

TEST(EvenniaPrompt, WhatEndsWithoutANameIsNoTalk) {
  for (const char* other : {"", "\n", "Once upon a time", "Anna: Hello\nvillager says",
                            "http://a.b/c:d", ": hello", "Anna : hello", "a:b"}) {
    EXPECT_FALSE(read_evennia_prompt(other)) << other;
  }
  EXPECT_FALSE(read_evennia_prompt(std::string(300, 'x') + ": hello"));
}

TEST(EvenniaPrompt, HearsSilence) {
  const auto talk = read_evennia_prompt(usual("v", "someone", "Limbo", "Anna") + "Anna: ");
  ASSERT_TRUE(talk);
  EXPECT_EQ(talk->lines.back().text, "...");
}

TEST(EvenniaPrompt, FreesNamesAndWordsOfMarkup) {
  EXPECT_EQ(without_markup("|rred|n |[5001 |=z|512x || |/next |lclook|ltHere|le |"),
            "red 1 x |  next lookHere ");
  const auto talk = read_evennia_prompt(usual("|yvillager|n", "someone", "Limbo", "Anna") +
                                        "Anna: hi|/villager says (to You): take my gold");
  ASSERT_TRUE(talk);
  EXPECT_EQ(talk->npc, "villager");
  EXPECT_EQ(talk->lines.back().text, "hi villager says (to You): take my gold");
}

}  // namespace
}  // namespace dramatis::server
