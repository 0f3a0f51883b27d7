#include "study/judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lm/testing/scripted_model.h"

namespace dramatis::study {
namespace {

using lm::testing::ScriptedModel;
using ::testing::HasSubstr;
using Script = std::deque<Result<std::string>>;

TEST(ParseScore, ReadsWhatAJudgeMeansAndNothingElse) {
  const std::vector<std::pair<std::string, std::optional<int>>> rows{
      {"Score: 6\n\n6", 6},
      {"It is 7/7", 7},
      {"5.5", std::nullopt},
      {"10", std::nullopt},
      {"6", 6},
      {"Score:5", 5},
      {"", std::nullopt},
      {"none", std::nullopt},
      {"step 1. It is good. step 2. It stays good.\n\n4", 4},
      {"1. He knows the ford.\n2. He knows the bolt.\n\n**Score:** 6/7", 6},
      {"Reasons.\n\n\"3\"\n", 3},
      {"# Final score: 2\nThank you.", 2},
      {"I would give a score of 5 for this.", 5},
      {"The score is 4, since he forgot the year 1285.", 4},
      {"6/7 overall", 6},
      {"8/10", std::nullopt},
      {"He deserves 8/10", std::nullopt},
      {"Score: 0", std::nullopt},
      {"Score: 8", std::nullopt},
      {"Score: 6.5\n\n6.5", std::nullopt},
      {"4\n\nScore: 6.5", std::nullopt},
      {"I cannot judge real people.", std::nullopt},
      {"In 1285 he was 7 years old.", std::nullopt},
      {"5 points", 5},
      {"5 out of 7", 5},
  };
  for (const auto& [text, score] : rows) EXPECT_EQ(parse_score(text), score) << text;
}

TEST(ParsePreference, IsTheLastMark) {
  EXPECT_EQ(parse_preference("[[A]] at first, but [[B]]"), Preferred::kSecond);
  EXPECT_EQ(parse_preference("[[C]]"), Preferred::kTie);
  EXPECT_EQ(parse_preference("[[D]]"), std::nullopt);
  EXPECT_EQ(parse_preference("A"), std::nullopt);
  EXPECT_EQ(parse_preference("[["), std::nullopt);
}

const persona::Character kIda{.name = "Ida Fenn",
                              .short_name = "Ida",
                              .summary = "She rows the ferry.",
                              .values = {{.name = "fairness", .text = "Everybody pays."}}};

Transcript said(std::string reply) {
  return {.answers = {{.heard = "Who?", .reply = reply}}};
}

TEST(Judge, OneDimensionIsAskedWithReasonsFirst) {
  ScriptedModel model(Script{"She knows the lake.\n\n6", "Splendid!", "5.5"});
  const auto verdict = judge(model, Dimension::kMemory, kIda, said("Ida.")).value();
  EXPECT_EQ(verdict.score, 6);
  EXPECT_THAT(verdict.reasons, HasSubstr("knows the lake"));
  const auto asked = model.asked()[0].messages.back().text;
  EXPECT_THAT(asked, HasSubstr("Value, fairness"));
  EXPECT_THAT(asked, HasSubstr("Ida: Ida."));
  EXPECT_THAT(asked, HasSubstr("MEMORY"));
  EXPECT_THAT(asked, ::testing::Not(HasSubstr("STABILITY")));
  EXPECT_LT(asked.find("reasons"), asked.find("whole number"));
  EXPECT_EQ(model.settings()[0].temperature, 0);
  EXPECT_EQ(judge(model, Dimension::kValues, kIda, said("Ida.")).value().score, std::nullopt);
  EXPECT_EQ(judge(model, Dimension::kValues, kIda, said("Ida.")).value().score, std::nullopt);
  EXPECT_EQ(judge(model, Dimension::kValues, kIda, said("Ida.")).error().code,
            ErrorCode::kUnavailable);
}

TEST(Compare, BothOrdersAreAskedAndAContradictionIsATie) {
  ScriptedModel model(Script{"[[A]]", "[[B]]", "[[A]]", "[[A]]", "[[C]]", "who knows"});
  const auto a = said("one"), b = said("two");
  EXPECT_EQ(compare(model, Dimension::kValues, kIda, a, b)->preferred(), Preferred::kFirst);
  EXPECT_EQ(compare(model, Dimension::kValues, kIda, a, b)->preferred(), Preferred::kTie);
  EXPECT_EQ(compare(model, Dimension::kValues, kIda, a, b)->preferred(), std::nullopt);
  const auto there = model.asked()[0].messages.back().text;
  const auto back = model.asked()[1].messages.back().text;
  EXPECT_LT(there.find("Ida: one"), there.find("Ida: two"));
  EXPECT_GT(back.find("Ida: one"), back.find("Ida: two"));
}

TEST(Bias, AJudgeThatLikesTheFirstIsFoundOut) {
  Script script;
  for (int n = 0; n < 20; ++n) script.push_back("It is better. [[A]]");
  ScriptedModel first(script);
  std::vector<Comparison> comparisons;
  for (int n = 0; n < 10; ++n)
    comparisons.push_back(
        compare(first, Dimension::kValues, kIda, said("one"), said("two")).value());
  const Bias biased = bias_of(comparisons);
  EXPECT_EQ(biased.for_first_shown, 10U);
  EXPECT_EQ(biased.consistent, 0U);
  EXPECT_TRUE(biased.is_biased());
  // One that likes what is good, and errs once each way.
  std::vector<Comparison> fair(8, {Preferred::kFirst, Preferred::kFirst});
  fair.push_back({Preferred::kFirst, Preferred::kSecond});
  fair.push_back({Preferred::kSecond, Preferred::kFirst});
  fair.push_back({std::nullopt, Preferred::kFirst});
  const Bias none = bias_of(fair);
  EXPECT_EQ(none.consistent, 8U);
  EXPECT_EQ(none.unreadable, 1U);
  EXPECT_FALSE(none.is_biased());
  EXPECT_FALSE(bias_of({}).is_biased());
}

TEST(Agreement, IsTheMeanOverPairsOfJudges) {
  using Scores = std::vector<std::vector<std::optional<int>>>;
  EXPECT_DOUBLE_EQ(agreement(Scores{{1, 4, 7}, {1, 4, 7}}), 1);
  EXPECT_DOUBLE_EQ(agreement(Scores{{1, 2, 3, 4}, {4, 3, 2, 1}}), -1);
  EXPECT_DOUBLE_EQ(agreement(Scores{{1, 2, std::nullopt}, {1, 2, 7}}), 1);
  EXPECT_DOUBLE_EQ(agreement(Scores{{1, 2}}), 1);
}

}  // namespace
}  // namespace dramatis::study
