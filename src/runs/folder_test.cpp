#include "runs/folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/plain_name.h"
#include "base/testing/scratch_folder.h"
#include "runs/limits.h"
#include "runs/log.h"

namespace dramatis::runs {
namespace {

class SetClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return now_; }
  [[nodiscard]] SteadyTime steady() const override { return {}; }
  void set(Instant now) { now_ = now; }

 private:
  Instant now_ = SystemClock().now();
};

struct House {
  RunLog begin(const std::string& name) {
    std::filesystem::create_directories(scratch.path() / name);
    auto log = RunLog::open(scratch.path() / name / "log.jsonl", 0).value();
    EXPECT_TRUE(log.add(Begin{.name = "Ida", .method = "lora", .updates = 4}));
    EXPECT_TRUE(log.add(Evaluation{.update = 0, .loss = 3, .is_best = true}));
    EXPECT_TRUE(log.add(Update{.update = 1, .epoch = 1, .loss = 2.5}));
    return log;
  }

  ScratchFolder scratch{};
  SetClock clock{};
  Folder runs{scratch.path(), clock};
};

TEST(RunFolder, TellsHowARunGoesOn) {
  House house;
  auto log = house.begin("ida-1");
  dramatis::runs::Run run = house.runs.find("ida-1").value();
  EXPECT_EQ(run.state, State::kLearning);
  EXPECT_EQ(run.story.begin->updates, 4U);
  EXPECT_EQ(run.story.latest->update, 1U);
  EXPECT_EQ(run.story.best, 3);
  ASSERT_TRUE(log.add(Evaluation{.update = 2, .loss = 2, .is_best = true}));
  ASSERT_TRUE(log.add(Evaluation{.update = 4, .loss = 2.5}));
  run = house.runs.find("ida-1").value();
  EXPECT_EQ(run.story.first, 3);
  EXPECT_EQ(run.story.held_out, 2.5);
  EXPECT_EQ(run.story.best, 2);
  EXPECT_EQ(run.story.best_update, 2U);
  house.clock.set(house.clock.now() + kQuietAfter + std::chrono::minutes(1));
  EXPECT_EQ(house.runs.find("ida-1").value().state, State::kQuiet);
  ASSERT_TRUE(log.add(End{.update = 4}));
  EXPECT_EQ(house.runs.find("ida-1").value().state, State::kEnded);
  EXPECT_EQ(house.runs.read("ida-1", 5).value().entries.size(), 1U);
}

TEST(RunFolder, ForgetsWhatARunThatBeganAnewHadTold) {
  House house;
  auto log = house.begin("ida");
  ASSERT_TRUE(log.add(Evaluation{.update = 1, .loss = 1, .is_best = true}));
  EXPECT_EQ(house.runs.find("ida").value().story.best, 1);
  house.begin("ida");
  EXPECT_EQ(house.runs.find("ida").value().story.best, 3);
}

TEST(RunFolder, FindsTheResultWhereTheTrainerWritesIt) {
  House house;
  house.begin("ida");
  Facts facts{.name = "Ida", .method = "lora", .rank = 8, .updates = 1, .best_loss = 2};
  std::filesystem::create_directories(house.scratch.path() / "ida/result");
  house.scratch.write("ida/result/result.json", text::print_json(text::Json(print_facts(facts))));
  const dramatis::runs::Run run = house.runs.find("ida").value();
  ASSERT_TRUE(run.facts);
  EXPECT_EQ(run.facts->rank, 8U);
  EXPECT_EQ(run.state, State::kEnded);  // of a program that wrote no last line
  house.scratch.write("ida/result/result.json", "{");
  EXPECT_FALSE(house.runs.find("ida").value().facts);
}

TEST(RunFolder, ListsRunsAlone) {
  House house;
  EXPECT_TRUE(Folder(house.scratch.path() / "none", house.clock).list().value().empty());
  house.begin("one");
  house.begin("Two_2.b");
  house.begin(".hidden");
  std::filesystem::create_directories(house.scratch.path() / "empty");
  house.scratch.write("file", "");
  std::vector<std::string> names;
  const auto listed = house.runs.list().value();
  for (const auto& run : listed) names.push_back(run.name);
  EXPECT_THAT(names, ::testing::UnorderedElementsAre("one", "Two_2.b"));
}

TEST(RunFolder, TakesNoPathForAName) {
  House house;
  house.begin("one");
  for (const char* name : {"", ".", "..", "../one", "one/", "/etc", "one\n", ".hidden", "empty"}) {
    EXPECT_EQ(house.runs.find(name).error().code, ErrorCode::kNotFound) << name;
    EXPECT_EQ(house.runs.read(name, 0).error().code, ErrorCode::kNotFound) << name;
  }
  EXPECT_TRUE(is_plain_name(std::string(100, 'a')));
  EXPECT_FALSE(is_plain_name(std::string(101, 'a')));
}

}  // namespace
}  // namespace dramatis::runs
