#include "train/matcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.h"
#include "base/testing/scratch_folder.h"

namespace dramatis::train {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::string kRain = "The rain came down upon the roof.";
const std::string kWind = "The wind went round and round the house.";

TEST(NeighboursOf, SentencesOfOneBookThatFollowEachOther) {
  const auto pairs = neighbours_of({{.title = "One", .paragraphs = {kRain + " " + kWind, kRain}},
                                    {.title = "Two", .paragraphs = {kWind}}});
  ASSERT_THAT(pairs, SizeIs(2));
  EXPECT_EQ(pairs[0].left, kRain);
  EXPECT_EQ(pairs[0].right, kWind);
  EXPECT_EQ(pairs[1].right, kRain);
}

TEST(NeighboursOf, AShortOrALongSentencePartsItsNeighbours) {
  const std::string endless = std::string(400, 'a') + ".";
  EXPECT_THAT(neighbours_of({{.title = "", .paragraphs = {kRain + " Oh! " + kWind}}}), IsEmpty());
  EXPECT_THAT(neighbours_of({{.title = "", .paragraphs = {kRain, endless, kWind}}}), IsEmpty());
}

// Two characters with topics that share no word, each with enough lines for some to be held out.
std::vector<TopicLines> topics() {
  std::vector<TopicLines> groups;
  for (const std::string who : {"ida", "tom"}) {
    for (const std::string what : {"ferry", "harvest", "weather", "sister"}) {
      TopicLines group{.character = who, .topic = what, .lines = {}};
      for (const std::string how : {"tell me of the", "what about your", "is there a", "that",
                                    "speak of", "I ask for the", "how is the", "any"}) {
        group.lines.push_back(how + " " + what);
      }
      groups.push_back(std::move(group));
    }
  }
  return groups;
}

class TrainMatcher : public ::testing::Test {
 protected:
  std::vector<std::byte> trained(const MatcherPlan& plan,
                                 const std::vector<Neighbours>& neighbours = {}) {
    const auto out = folder_.path() / "matcher.safetensors";
    report_ = train_matcher(topics(), neighbours, plan, out, {}, {}).value();
    return read_file(out, std::size_t{1} << 24).value();
  }

  ScratchFolder folder_;
  MatcherReport report_;
};

TEST_F(TrainMatcher, FindsTheTopicOfLinesThatItDidNotLearn) {
  static_cast<void>(trained({.buckets = 1024, .width = 16, .steps = 60}));
  EXPECT_GT(report_.lines, 4U);
  EXPECT_GT(report_.together, 0.9);
}

TEST_F(TrainMatcher, TheSameReadingGivesTheSameFileAndAnotherADifferentOne) {
  const MatcherPlan plan{.buckets = 1024, .width = 16, .steps = 10, .reading = 5};
  const auto once = trained(plan, {{kRain, kWind}});
  EXPECT_EQ(once, trained(plan, {{kRain, kWind}}));
  EXPECT_NE(once, trained(plan, {{kWind, "It is a sentence about nothing at all."}}));
  EXPECT_NE(once, trained(plan));
}

}  // namespace
}  // namespace dramatis::train
