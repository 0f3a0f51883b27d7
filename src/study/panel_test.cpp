// A scripted judge with faults, and what the panel makes of them.
#include "study/panel.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing/scratch_folder.h"
#include "lm/testing/scripted_model.h"

namespace dramatis::study {
namespace {

using lm::testing::ScriptedModel;

class Panels : public ::testing::Test {
 protected:
  Panels()
      : cast_(persona::load_cast(std::filesystem::path(DRAMATIS_SOURCE_DIR) / "tests/cast-small")
                  .value()) {
    for (const char* question : {"past-1", "past-2"}) {
      card_.graded.push_back({.character = "ida-fenn",
                              .question = question,
                              .said = {{.heard = "Who are you?", .reply = "Ida."}},
                              .points = {{Dimension::kMemory, 6}}});
    }
  }
  Result<Panel> judged(std::vector<lm::LanguageModel*> judges, text::Journal* journal = nullptr) {
    return judge_all(judges, cast_, card_, {.at_once = 1, .journal = journal});
  }

  persona::Cast cast_;
  Scorecard card_;
};

TEST_F(Panels, FaultyScoresAreReadOrRejectedAndCounted) {
  // Five dimensions of the first interview, then of the second.
  ScriptedModel judge({"Reasons.\n\n6", "He is fine. 6/7", "Score: 5.5", "I cannot judge that.",
                       "**Score:** 7", "The score is 8", "6", "7", "Score:5", "4"});
  const auto panel = judged({&judge}).value();
  ASSERT_EQ(panel.judges.size(), 1U);
  const auto& scores = panel.judges[0].scores;
  EXPECT_EQ(scores.at(Dimension::kMemory)[0], 6);
  EXPECT_EQ(scores.at(Dimension::kValues)[0], 6);
  EXPECT_EQ(scores.at(Dimension::kPersonality)[0], std::nullopt) << "a decimal";
  EXPECT_EQ(scores.at(Dimension::kHallucination)[0], std::nullopt) << "a refusal";
  EXPECT_EQ(scores.at(Dimension::kStability)[0], 7);
  EXPECT_EQ(scores.at(Dimension::kMemory)[1], std::nullopt) << "out of range";
  EXPECT_EQ(scores.at(Dimension::kHallucination)[1], 5);
  EXPECT_EQ(panel.judges[0].unreadable, 3U);
  EXPECT_EQ(panel.judges[0].of, 10U);
  EXPECT_DOUBLE_EQ(panel.with_rules.at(Dimension::kMemory), 1) << "6 and 6";
  EXPECT_EQ(panel.judges[0].means(1).at(Dimension::kValues).mean, 6);
}

TEST_F(Panels, SeveralJudgesAgreeAsFarAsTheyDo) {
  ScriptedModel one({"1", "2", "3", "4", "5", "7", "6", "5", "4", "3"});
  ScriptedModel other({"1", "6", "3", "4", "5", "7", "2", "5", "4", "3"});
  const auto panel = judged({&one, &other}).value();
  EXPECT_DOUBLE_EQ(panel.agreement.at(Dimension::kMemory), 1);
  EXPECT_LT(panel.agreement.at(Dimension::kValues), 0);
}

TEST_F(Panels, WhatTheJournalHasIsNotAskedAgain) {
  const ScratchFolder folder;
  {
    auto journal = text::Journal::open(folder / "j.jsonl").value();
    ScriptedModel judge({"6", "6", "6"});
    const auto broken = judged({&judge}, &journal);
    EXPECT_EQ(broken.error().code, ErrorCode::kUnavailable) << "the script has ended";
  }
  auto journal = text::Journal::open(folder / "j.jsonl").value();
  ScriptedModel judge({"5", "no score", "5", "5", "5", "5", "5"});
  const auto panel = judged({&judge}, &journal).value();
  EXPECT_EQ(judge.asked().size(), 7U);
  EXPECT_EQ(panel.judges[0].scores.at(Dimension::kMemory)[0], 6);
  EXPECT_EQ(panel.judges[0].unreadable, 1U);
}

}  // namespace
}  // namespace dramatis::study
