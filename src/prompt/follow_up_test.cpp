#include "prompt/follow_up.h"

#include <gtest/gtest.h>

#include "prompt/limits.h"

namespace dramatis::prompt {
namespace {

constexpr std::string_view kBell = "The ferry bell cracked in the flood.";
constexpr std::string_view kBrida = "Old Brida rang it for a drowning goat.";

persona::Member ida() {
  persona::Member member;
  member.sheet.id = "ida-fenn";
  member.dialogues = {
      {.id = "one",
       .exchanges = {{.player = "What happened to the bell?",
                      .npc = std::string(kBell),
                      .topic = "bell"},
                     {.player = "Who rang it that night?",
                      .npc = std::string(kBrida),
                      .topic = "bell",
                      .thoughts = "She denies it.",
                      .follows = true}}},
      {.id = "two",
       .exchanges = {
           {.player = "Is that bell broken?", .npc = "It is, and it rings flat.", .topic = "bell"},
           {.player = "Are you hungry?", .npc = "Always.", .topic = "food"}}}};
  return member;
}

std::vector<std::string> texts(const std::vector<lm::AuthoredLine>& lines) {
  std::vector<std::string> texts;
  for (const auto& line : lines) texts.push_back(line.npc);
  return texts;
}

TEST(AsksForMore, FewWordsThatNameNothing) {
  for (const auto* message : {"Why?", "go on", "And then?", "And why did you do that?",
                              "So what happened then?", "Tell me more.", "what happened NEXT"})
    EXPECT_TRUE(asks_for_more(message)) << message;
  for (const auto* message : {"", "Why the bell?", "Who are you?", "How are you?", "more bread"})
    EXPECT_FALSE(asks_for_more(message)) << message;
  EXPECT_FALSE(asks_for_more(std::string(1 << 20, 'w')));
}

TEST(FollowUps, GoOnAsTheAuthorDidAndThenAboutTheSameThing) {
  const FollowUps follow(ida());
  const auto lines = follow.after(kBell, "And then?", "");
  EXPECT_EQ(texts(lines),
            (std::vector<std::string>{std::string(kBrida), "It is, and it rings flat."}));
  EXPECT_EQ(lines[0].relevance, kLikelyFollowUp);
  EXPECT_EQ(lines[0].thoughts, "She denies it.");
  EXPECT_EQ(lines[1].relevance, kSameTopic);
}

TEST(FollowUps, TheAuthorsOwnQuestionIsSureAndAnotherQuestionStandsByItself) {
  const FollowUps follow(ida());
  const auto lines = follow.after(kBell, "who rang it that night", "");
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].relevance, kSureFollowUp);
  EXPECT_TRUE(follow.after(kBell, "Are you hungry?", "").empty());
  EXPECT_TRUE(follow.after("Words nobody wrote.", "Why?", "").empty());
}

TEST(FollowUps, AConversationBeingLearntGivesNothingAway) {
  const FollowUps follow(ida());
  EXPECT_EQ(texts(follow.after(kBell, "And then?", "one")),
            (std::vector<std::string>{"It is, and it rings flat."}));
}

}  // namespace
}  // namespace dramatis::prompt
