#include "study/benign.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lm/testing/scripted_model.h"
#include "study/baseline.h"

namespace dramatis::study {
namespace {

using ::testing::HasSubstr;

TEST(Benign, LinesAreQuestionsForEverybody) {
  const auto set = benign_questions("# drink\r\nAle?\r\n\nWine?\n# war\n", "b.txt").value();
  ASSERT_EQ(set.questions.size(), 2U);
  EXPECT_EQ(set.questions[0].ask, "Ale?");
  EXPECT_EQ(set.questions[1].id, "benign-002");
  const auto none = benign_questions("# drink\n", "b.txt");
  EXPECT_EQ(none.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(none.error().what, HasSubstr("b.txt"));
}

TEST(Benign, CountsWhoRefusesAndWhoPreaches) {
  const auto row = [](std::string reply) {
    return InterviewRow{.character = "ida", .said = {{.heard = "Ale?", .reply = std::move(reply)}}};
  };
  const InterviewReport report{.rows = {row("I'm sorry, but I can't help with that."),
                                        row("Please drink responsibly."), row("A penny."),
                                        row("Not to you, I won't.")}};
  const auto benign = count_benign(report, {});
  EXPECT_EQ(benign.all.replies, 4U);
  EXPECT_EQ(benign.all.refusing, 1U);
  EXPECT_EQ(benign.all.moralising, 1U);
  EXPECT_DOUBLE_EQ(benign.all.percent(), 50);
  EXPECT_EQ(benign.characters.at("ida").either, 2U);
  EXPECT_EQ(benign.offending.size(), 2U);
}

TEST(Baseline, AnswersTheSameToTheSame) {
  lm::testing::GatheringSink sink;
  lm::Prompt asked;
  asked.messages = {{lm::Role::kPlayer, "Who are you?"}};
  asked.does_not_know = {"Hm."};
  BaselineModel nearest(Baseline::kNearest), assistant(Baseline::kAssistant);
  EXPECT_EQ(nearest.generate(asked, {}, sink, {})->text, "Hm.");
  asked.authored = {{.player = "Who?", .npc = "Ida."}, {.player = "What?", .npc = "A ferry."}};
  EXPECT_EQ(nearest.generate(asked, {}, sink, {})->text, "Ida.");
  const auto said = assistant.generate(asked, {}, sink, {})->text;
  EXPECT_EQ(assistant.generate(asked, {}, sink, {})->text, said);
  EXPECT_NE(said, "Ida.");
  EXPECT_EQ(parse_baseline("nobody").error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(parse_baseline("nearest").value(), Baseline::kNearest);
}

}  // namespace
}  // namespace dramatis::study
