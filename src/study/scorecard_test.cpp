#include "study/scorecard.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dramatis::study {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Scorecards : public ::testing::Test {
 protected:
  static InterviewRow row(std::string id, Theme theme, std::string reply, bool judged = false,
                          bool passed = false) {
    return {.character = "ida-fenn",
            .question = std::move(id),
            .theme = theme,
            .said = {{.heard = "How deep is the lake?", .reply = std::move(reply)}},
            .judged = judged,
            .passed = passed};
  }
  Scorecard graded(std::vector<InterviewRow> rows) {
    return grade(cast_, examples_,
                 {.answered_by = "a <model>", .asked_by = "script", .rows = std::move(rows)}, 1)
        .value();
  }

  persona::Cast cast_ =
      persona::load_cast(std::filesystem::path(DRAMATIS_SOURCE_DIR) / "tests/cast-small").value();
  prompt::Examples examples_ = prompt::Examples::build(cast_).value();
};

TEST_F(Scorecards, EachDimensionRestsOnItsOwn) {
  const auto card = graded(
      {row("right", Theme::kPast, "The lake is ninety feet deep off the Grey Stone.", true, true),
       row("assistant", Theme::kStyle, "As an AI, I have no lake."),
       row("late", Theme::kStyle, "My phone says ninety."),
       row("trapped", Theme::kTraps, "I drove it well.", true, false),
       row("cut", Theme::kStyle, "It is as deep as the")});
  const auto points = [&](std::size_t n, Dimension dimension) {
    return card.graded[n].points.at(dimension);
  };
  EXPECT_GT(points(0, Dimension::kMemory), 4);
  EXPECT_EQ(points(0, Dimension::kPersonality), 7);
  EXPECT_EQ(card.graded[1].points.contains(Dimension::kMemory), false);
  EXPECT_EQ(points(1, Dimension::kPersonality), 1);
  EXPECT_EQ(points(2, Dimension::kHallucination), 1);
  EXPECT_EQ(points(3, Dimension::kHallucination), 1);
  EXPECT_EQ(points(4, Dimension::kStability), 1);
  EXPECT_EQ(points(4, Dimension::kHallucination), 7);
  EXPECT_DOUBLE_EQ(card.all.dimensions.at(Dimension::kPersonality).mean, (4 * 7 + 1) / 5.0);
  EXPECT_EQ(card.characters.size(), 1U);
  EXPECT_FALSE(card.all.dimensions.contains(Dimension::kValues));
}

TEST_F(Scorecards, ThresholdsAreReachedOrMissed) {
  const auto card = graded({row("a", Theme::kStyle, "Mind the plank.")});
  const auto threshold = [](std::string_view text) { return parse_threshold(text).value(); };
  EXPECT_TRUE(missed(card, {threshold("personality=7"), threshold("stability=5.5")}).empty());
  EXPECT_EQ(missed(card, {threshold("memory=1")}).size(), 1U);
  for (const char* wrong : {"", "memory", "memory=", "memory=x", "memory=8", "memory=0.5",
                            "grace=4", "memory=5x", "memory=nan"})
    EXPECT_EQ(parse_threshold(wrong).error().code, ErrorCode::kInvalidArgument) << wrong;
  const auto junit = junit_of(card, {threshold("personality=7"), threshold("memory=2")});
  EXPECT_THAT(junit, HasSubstr("tests=\"2\" failures=\"1\""));
  EXPECT_THAT(junit, HasSubstr("a &lt;model&gt;"));
}

TEST_F(Scorecards, ThePageStandsAloneAndEscapesWhatWasSaid) {
  const auto card = graded({row("a", Theme::kStyle, "<script>alert('x')</script> & so on.")});
  const auto page = html_of(card, "Ida & <co>");
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr("http")));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;"));
  EXPECT_THAT(page, HasSubstr("<title>Ida &amp; &lt;co&gt;</title>"));
  EXPECT_THAT(page, HasSubstr("<polygon"));
  const auto json = text::print_json(json_of(card));
  EXPECT_TRUE(text::parse_json(json).has_value());
  EXPECT_THAT(json, HasSubstr(R"("scored_by":"rules")"));
  EXPECT_THAT(html_of({}, "nothing"), HasSubstr("</html>"));
}

TEST_F(Scorecards, ThePageTellsHowAnAnswerCameAbout) {
  auto asked = row("a", Theme::kStyle, "Mind the plank.");
  asked.account = dialogue::Account{
      .model = "<m>",
      .prompt_tokens = 91,
      .sections = {{.name = "history", .tokens = 37, .cut = 2}},
      .examples = {{.topic = "ford", .player = "Deep?", .npc = "Two oars.", .relevance = 0.625}}};
  const auto page = html_of(graded({asked}), "Ida");
  EXPECT_THAT(page, HasSubstr("<td>history</td><td>37</td><td>2</td>"));
  EXPECT_THAT(page, HasSubstr("<li>0.62 ford: &ldquo;Deep?&rdquo; Two oars.</li>"));
  EXPECT_THAT(page, HasSubstr("&lt;m&gt;; temperature"));
  EXPECT_THAT(page, HasSubstr("91 tokens read"));
}

TEST_F(Scorecards, SomebodyElsesRowsAreNotFound) {
  auto stranger = row("a", Theme::kStyle, "Hm.");
  stranger.character = "nobody";
  const auto card = grade(cast_, examples_, {.rows = {stranger}}, 1);
  EXPECT_EQ(card.error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace dramatis::study
