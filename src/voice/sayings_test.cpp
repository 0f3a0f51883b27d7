#include "voice/sayings.h"

#include <set>

#include <gtest/gtest.h>

#include "voice/limits.h"

namespace dramatis::voice {
namespace {

const std::vector<std::string> kSayings{"Strike twice.", "Iron remembers."};

lm::Prompt asked() {
  lm::Prompt asked;
  asked.messages = {{lm::Role::kPlayer, "Who taught you?"}};
  asked.sayings = kSayings;
  return asked;
}

// How often something could follow, of a hundred seeds.
int followed(const std::string& text, const lm::Prompt& in) {
  int times = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed)
    times += saying_after(text, in, seed).empty() ? 0 : 1;
  return times;
}

// What follows, of a hundred seeds.
std::set<std::string> heard(const std::string& text, const lm::Prompt& in) {
  std::set<std::string> sayings;
  for (std::uint64_t seed = 0; seed < 100; ++seed) sayings.insert(saying_after(text, in, seed));
  sayings.erase("");
  return sayings;
}

TEST(Sayings, EndOneReplyInSoMany) {
  const int times = followed("Old Bram taught me.", asked());
  EXPECT_GT(times, 100 / static_cast<int>(kSayingEvery) / 2);
  EXPECT_LT(times, 100 / static_cast<int>(kSayingEvery) * 2);
}

TEST(Sayings, AreDrawnByTheTextToo) {
  int times = 0;
  for (std::size_t n = 1; n <= 100; ++n)
    times += saying_after(std::string(n, 'a') + ".", asked(), 1).empty() ? 0 : 1;
  EXPECT_GT(times, 10);
  EXPECT_LT(times, 50);
  EXPECT_EQ(saying_after("Old Bram.", asked(), 7), saying_after("Old Bram.", asked(), 7));
}

TEST(Sayings, OfWhatIsSpokenOfComeFirst) {
  EXPECT_EQ(heard("Old Bram taught me.", asked()).size(), 2U);
  EXPECT_EQ(heard("He knew what iron is.", asked()), (std::set<std::string>{"Iron remembers."}));
  auto in = asked();
  in.messages.back().text = "Does he strike hard?";
  EXPECT_EQ(heard("He does.", in), (std::set<std::string>{"Strike twice."}));
}

TEST(Sayings, FollowNoQuestionNoLongReplyAndNoSaying) {
  EXPECT_EQ(followed("And who taught you?", asked()), 0);
  EXPECT_EQ(followed(std::string(kMostBeforeSaying, 'a') + ".", asked()), 0);
  EXPECT_EQ(followed("As he said: Strike twice. And I did.", asked()), 0);
  EXPECT_EQ(followed("", asked()), 0);
}

TEST(Sayings, DoNotComeBackInATalk) {
  auto in = asked();
  in.messages.insert(in.messages.begin(), {lm::Role::kNpc, "Hot work. Strike twice."});
  EXPECT_EQ(heard("Old Bram.", in), (std::set<std::string>{"Iron remembers."}));
  in.messages.insert(in.messages.begin(), {lm::Role::kNpc, "Iron remembers."});
  EXPECT_EQ(followed("Old Bram.", in), 0);
  in.messages.front().role = lm::Role::kPlayer;
  EXPECT_GT(followed("Old Bram.", in), 0) << "a player's words are his own";
}

TEST(Sayings, ALineIsKnownWithOneAndWithout) {
  EXPECT_TRUE(is_line("Old Bram.", "Old Bram.", kSayings));
  EXPECT_TRUE(is_line(with_saying("Old Bram.", "Iron remembers."), "Old Bram.", kSayings));
  EXPECT_FALSE(is_line("Old Bram. He is dead.", "Old Bram.", kSayings));
  EXPECT_FALSE(is_line("Old", "Old Bram.", kSayings));
}

TEST(Sayings, ACharacterWithoutAnyHasNone) {
  auto in = asked();
  in.sayings.clear();
  EXPECT_EQ(followed("Old Bram.", in), 0);
}

}  // namespace
}  // namespace dramatis::voice
