#include "dataset/split.h"

#include <set>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "dataset/near_duplicates.h"

namespace dramatis::dataset {
namespace {

using ::testing::ElementsAre;

TEST(NearDuplicates, FindsWhatSaysTheSame) {
  const std::vector<std::string> texts{
      "Will you take me across the river before the storm comes in tonight, ferryman?",
      "What does the crossing cost?",
      "will you take me across the river, before the storm comes in tonight -- ferryman",
      "Please, will you take me across the river before the storm comes in tonight, ferryman?",
      "Will you tell me of your brother, and of the night the bridge went?",
      "No.",
      "no!",
      "",
      "What does the crossing cost?"};
  EXPECT_THAT(first_alike(texts), ElementsAre(0, 1, 0, 0, 4, 5, 5, 7, 1));
}

// Against comparing every pair.
TEST(NearDuplicates, FindsAllOfManyRewordings) {
  Rng rng(5);
  const auto word = [&] { return fmt::format("w{}", rng.below(5000)); };
  std::vector<std::string> texts;
  std::vector<std::size_t> source;
  for (std::size_t n = 0; n < 600; ++n) {
    std::vector<std::string> words;
    for (int i = 0; i < 40; ++i) words.push_back(word());
    for (int copy = 0; copy < 3; ++copy) {
      // Of 38 runs of three, one other word changes three: 35 of 41 are shared.
      if (copy > 0) words[3 + rng.below(34)] = fmt::format("changed{}", copy);
      std::string text;
      for (const auto& w : words) text += w + " ";
      texts.push_back(text);
      source.push_back(n * 3);
    }
  }
  const auto first = first_alike(texts);
  std::size_t found = 0;
  for (std::size_t n = 0; n < texts.size(); ++n) {
    EXPECT_TRUE(first[n] == source[n] || first[n] == n) << "a stranger is no copy";
    found += first[n] == source[n] ? 1 : 0;
  }
  // The third may differ from the first in two places: 32 of 44 are shared, and 999 of 1000 found.
  EXPECT_GE(found, texts.size() - 4);
}

std::vector<Kin> talk_of_a_town() {
  std::vector<Kin> items;
  for (int n = 0; n < 200; ++n)
    items.push_back({.scene = fmt::format("scene{}", n / 2),
                     .words = fmt::format("Who sold {0}apples to {0}miller?", n)});
  return items;
}

TEST(HoldOut, KeepsScenesAndWordingsTogether) {
  auto items = talk_of_a_town();
  items[150].words = items[3].words;  // joins scenes 75 and 1
  for (std::uint64_t seed = 1; seed < 20; ++seed) {
    const auto held = hold_out(items, {.held_out = 0.2, .seed = seed});
    std::size_t count = 0;
    for (std::size_t n = 0; n < items.size(); n += 2) {
      EXPECT_EQ(held[n], held[n + 1]);
      count += held[n] ? 2 : 0;
    }
    EXPECT_EQ(held[150], held[3]);
    EXPECT_LE(count, 40U);
    EXPECT_GE(count, 37U);
  }
}

TEST(HoldOut, IsTheSameHoweverItemsAreOrdered) {
  const auto items = talk_of_a_town();
  const auto held = hold_out(items, {.held_out = 0.1, .seed = 4});
  std::set<std::string> expected;
  for (std::size_t n = 0; n < items.size(); ++n)
    if (held[n]) expected.insert(items[n].words);
  const std::vector<Kin> turned(items.rbegin(), items.rend());
  const auto again = hold_out(turned, {.held_out = 0.1, .seed = 4});
  std::set<std::string> found;
  for (std::size_t n = 0; n < turned.size(); ++n)
    if (again[n]) found.insert(turned[n].words);
  EXPECT_EQ(found, expected);
  EXPECT_NE(hold_out(items, {.held_out = 0.1, .seed = 5}), held);
}

TEST(HoldOut, HoldsNothingOutWhereOneGroupIsAll) {
  auto items = talk_of_a_town();
  for (auto& item : items) item.scene = "one";
  EXPECT_EQ(hold_out(items, {.held_out = 0.5}), std::vector<bool>(items.size(), false));
  EXPECT_TRUE(hold_out({}, {}).empty());
}

}  // namespace
}  // namespace dramatis::dataset
