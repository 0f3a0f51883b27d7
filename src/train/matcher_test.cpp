#include "train/matcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.h"
#include "base/testing/scratch_folder.h"

namespace dramatis::train {
namespace {

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
  std::vector<std::byte> trained(const MatcherPlan& plan) {
    const auto out = folder_.path() / "matcher.safetensors";
    report_ = train_matcher(topics(), plan, out, {}, {}).value();
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

TEST_F(TrainMatcher, TheSamePlanGivesTheSameFileAndAnotherSeedAnother) {
  const MatcherPlan plan{.buckets = 1024, .width = 16, .steps = 10};
  MatcherPlan other = plan;
  other.seed = 2;
  const auto once = trained(plan);
  EXPECT_EQ(once, trained(plan));
  EXPECT_NE(once, trained(other));
}

}  // namespace
}  // namespace dramatis::train
