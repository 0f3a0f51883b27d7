#include "study/comparison.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dramatis::study {
namespace {

using ::testing::HasSubstr;

// Points of twenty questions, each `more` than the others' in memory.
Scorecard card_of(double more) {
  Scorecard card{.answered_by = "x"};
  for (int n = 0; n < 20; ++n) {
    card.graded.push_back(
        {.character = "ida",
         .question = fmt::format("q{}", n),
         .said = {{.heard = "Q?", .reply = "A."}},
         .points = {{Dimension::kMemory, 2 + n % 3 + more}, {Dimension::kStability, 7}}});
  }
  return card;
}

TEST(Comparison, IsPairedSoThatASureDifferenceIsNarrow) {
  const auto made =
      compare_candidates({candidate_of(card_of(0), "a"), candidate_of(card_of(1), "b")}, 7).value();
  ASSERT_EQ(made.pairs.size(), 1U);
  const auto& pair = made.pairs[0];
  EXPECT_EQ(pair.common, 20U);
  EXPECT_EQ(pair.difference.at(Dimension::kMemory), (Interval{1, 1, 1, 20}));
  EXPECT_EQ(pair.difference.at(Dimension::kStability), (Interval{0, 0, 0, 20}));
  EXPECT_DOUBLE_EQ(pair.all.mean, 0.5);
  EXPECT_TRUE(made.league.empty());
}

TEST(Comparison, ALeagueOrdersThree) {
  const auto made =
      compare_candidates({candidate_of(card_of(0), "a"), candidate_of(card_of(2), "b"),
                          candidate_of(card_of(1), "c")},
                         7)
          .value();
  ASSERT_EQ(made.league.size(), 3U);
  EXPECT_GT(made.league[1].low, made.league[2].high);
  EXPECT_GT(made.league[2].low, made.league[0].high);
}

TEST(Comparison, RunsOfOneCandidateAreItsMean) {
  const std::vector runs{card_of(0), card_of(1)};
  const auto made = candidate_of(runs, "a");
  EXPECT_DOUBLE_EQ(made.points.at("ida/q0").at(Dimension::kMemory), 2.5);
}

TEST(Comparison, ReportsAreReadBackAsTheyWerePrinted) {
  const auto printed = text::parse_json(text::print_json(json_of(card_of(1)))).value();
  const auto read = read_candidate(printed, "r.json").value();
  EXPECT_EQ(read.points, candidate_of(card_of(1), "x").points);
  EXPECT_EQ(read.name, "x");
}

TEST(Comparison, WhatCannotBeComparedIsRefused) {
  const auto a = candidate_of(card_of(0), "a");
  Candidate elsewhere{.name = "b", .points = {{"tom/q", {{Dimension::kMemory, 1}}}}};
  EXPECT_EQ(compare_candidates({a}, 1).error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(compare_candidates({a, a}, 1).error().what, HasSubstr("called 'a'"));
  EXPECT_THAT(compare_candidates({a, elsewhere}, 1).error().what, HasSubstr("no common question"));
  for (const char* json : {"{}", R"({"answered_by":"x"})", R"({"answered_by":"x","rows":[{}]})",
                           R"({"answered_by":"x","rows":[{"character":"a","question":"b"}]})",
                           R"({"answered_by":1,"rows":[]})"}) {
    const auto read = read_candidate(text::parse_json(json).value(), "r.json");
    ASSERT_FALSE(read) << json;
    EXPECT_EQ(read.error().code, ErrorCode::kCorrupt);
    EXPECT_THAT(read.error().what, HasSubstr("r.json"));
  }
}

}  // namespace
}  // namespace dramatis::study
