#include "dataset/gates.h"

#include <filesystem>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dramatis::dataset {
namespace {

using ::testing::IsEmpty;

class GatesOfOrlando : public ::testing::Test {
 protected:
  GatesOfOrlando()
      : cast_(persona::load_cast(std::filesystem::path(DRAMATIS_SOURCE_DIR) / "cast").value()),
        gates_(Gates::make(cast_, "orlando-marlo", {}).value()) {}

  std::string gate(std::string answer, std::string question = "Who are you?") {
    return gates_
        .judge({.id = "1",
                .question = std::move(question),
                .answer = std::move(answer),
                .other = "Pim"})
        .gate;
  }

  persona::Cast cast_;
  Gates gates_;
};

TEST_F(GatesOfOrlando, LetInWhatAnAuthorWrote) {
  std::size_t all = 0;
  std::size_t refused = 0;
  for (const auto& dialogue : cast_.find_member("orlando-marlo")->dialogues) {
    for (const auto& exchange : dialogue.exchanges) {
      ++all;
      const auto refusal = gates_.judge(
          {.id = dialogue.id, .question = exchange.player, .answer = exchange.npc, .other = ""});
      refused += refusal.gate.empty() ? 0 : 1;
    }
  }
  EXPECT_GT(all, 700U);
  EXPECT_LE(refused * 50, all);  // of 4,783 authored lines, 17 offend a sign
}

TEST_F(GatesOfOrlando, RefuseWhatIsNoAnswerOfHis) {
  EXPECT_EQ(gate("Aye."), "too-short");
  std::string long_winded;
  for (int n = 0; n < 130; ++n) long_winded += fmt::format("word{} ", n);
  EXPECT_EQ(gate(long_winded), "too-long");
  EXPECT_EQ(gate("As an AI language model, I do not have a name or a castle."), "assistant");
  EXPECT_EQ(gate("I keep my telephone in the armoury, beside the saddle."), "anachronism");
  const auto& episode = cast_.find_member("orlando-marlo")->sheet.backstory.front().text;
  EXPECT_EQ(gate(episode), "reads-aloud");
  EXPECT_EQ(gate("Orlando Marlo, and I am late for the bees. What brings you to Aurelis?"), "");
}

TEST_F(GatesOfOrlando, LetOneOfTwoAnswersInThatSayTheSame) {
  const std::vector<Made> made{
      {"1", "Who are you?", "I am Orlando Marlo, and my mother keeps forty hives at Pearwold.", ""},
      {"2", "Your name?", "I am Orlando Marlo, and my mother keeps forty hives at Pearwold!", ""},
      {"3", "Your bees?", "Forty hives, and she has not been stung since the old king died.", ""},
      {"4", "Hm?", "Aye.", ""}};
  const auto gated = gates_.judge_all(made);
  ASSERT_EQ(gated.passed.size(), 2U);
  EXPECT_EQ(gated.passed[0].id, "1");
  EXPECT_EQ(gated.passed[1].id, "3");
  EXPECT_EQ(gated.counts(), (std::map<std::string, std::size_t>{{"repeats", 1}, {"too-short", 1}}));
  EXPECT_EQ(gated.passed.size() + gated.refused.size(), made.size());
  const auto printed = text::print_json(text::Json(json_of(gated)));
  EXPECT_THAT(printed, ::testing::HasSubstr("\"1 says the same.\""));
}

TEST(Gates, AreOfTheCast) {
  EXPECT_EQ(Gates::make({}, "nobody", {}).error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace dramatis::dataset
