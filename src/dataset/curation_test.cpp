#include "dataset/curation.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dataset/collection.h"
#include "lm/thoughts.h"
#include "persona/dialogues.h"

namespace dramatis::dataset {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class Curating : public ::testing::Test {
 protected:
  Curating()
      : cast_(persona::load_cast(std::filesystem::path(DRAMATIS_SOURCE_DIR) / "cast").value()) {
    curated_.asked.met = {.who = {.name = "Bo", .role = "a tinker", .manner = {"sly"}},
                          .emotion = "bored",
                          .place = "The Gilded Lark",
                          .reason = "collects stories",
                          .acquaintance = "They have never met."};
    curated_.asked.made.question = "Do you ride at dawn?";
  }
  const persona::Member& orlando() const { return *cast_.find_member("orlando-marlo"); }

  persona::Cast cast_;
  Curated curated_{.asked = {}, .shown = "Yes, I do.", .edited = "When the bell has rung twice."};
};

TEST_F(Curating, AddsALineAndLeavesTheRestAsItIs) {
  const std::string before = "{\"id\":\"a\" , \"exchanges\":[]}\n\n{ }";
  const auto after = with_example(before, orlando(), curated_).value();
  EXPECT_THAT(after, StartsWith(before + "\n{\"id\":\"orlando-marlo-curated-001\""));
  EXPECT_THAT(after, EndsWith("}\n"));
  persona::Member more = orlando();
  std::vector<persona::Finding> found;
  more.dialogues = persona::parse_dialogues(with_example("", more, curated_).value(), "f",
                                            more.sheet.secrets, found);
  EXPECT_TRUE(found.empty());
  ASSERT_EQ(more.dialogues.size(), 1U);
  EXPECT_EQ(more.dialogues[0].exchanges[0].npc, "When the bell has rung twice.");
  EXPECT_THAT(more.dialogues[0].scene, HasSubstr("The Gilded Lark; the player is Bo"));
  EXPECT_THAT(with_example("", more, curated_).value(), HasSubstr("curated-002"));
}

TEST_F(Curating, RefusesASecretsWord) {
  const persona::Member keeper{.sheet = {.id = "ida", .secrets = {{"hoard", "", {"keelgold"}}}}};
  curated_.edited = "It is the keelgold, of course.";
  EXPECT_EQ(with_example("", keeper, curated_).error().code, ErrorCode::kInvalidArgument);
}

TEST_F(Curating, PrintsThePreferenceOfARealTurn) {
  const auto line = print_preference(curated_, orlando().sheet, cast_).value();
  const auto read = text::parse_json(line).value();
  const auto& prompt = *read.find("prompt")->as_array();
  ASSERT_EQ(prompt.size(), 2U);
  EXPECT_EQ(*prompt[0].find("role")->as_string(), "system");
  EXPECT_THAT(*prompt[0].find("content")->as_string(), HasSubstr("Orlando"));
  EXPECT_EQ(*prompt[1].find("role")->as_string(), "user");
  EXPECT_EQ(*prompt[1].find("content")->as_string(), "Do you ride at dawn?");
  const auto reply = [&read](const char* which) {
    const auto& messages = *read.find(which)->as_array();
    EXPECT_EQ(messages.size(), 1U);
    EXPECT_EQ(*messages.front().find("role")->as_string(), "assistant");
    return *messages.front().find("content")->as_string();
  };
  EXPECT_EQ(reply("chosen"), "When the bell has rung twice.");
  EXPECT_EQ(reply("rejected"), "Yes, I do.");
}

TEST_F(Curating, TalksEndBeforeAReplyThatFalls) {
  const study::Transcript talk{
      .id = "1",
      .name = "Orlando",
      .other = "Bo",
      .answers = {{.heard = "Do you ride?", .reply = "I ride when the bell has rung twice."},
                  {.heard = "Why?", .reply = "As an AI language model, I cannot say."},
                  {.heard = "Well?", .reply = "The bell has rung, and so I ride."}}};
  const auto gates = Gates::make(cast_, "orlando-marlo", {}).value();
  const std::vector<text::Json> records{text::JsonObject{{"talks", 1}},
                                        talk_record(talk, "talks.jsonl")};
  const auto gathered = gather_talks("orlando-marlo", records, gates).value();
  ASSERT_EQ(gathered.pieces.size(), 1U);
  EXPECT_EQ(gathered.pieces[0].lines.size(), 2U);
  ASSERT_EQ(gathered.refused.size(), 1U);
  EXPECT_EQ(gathered.refused[0].gate, "assistant");
}

TEST_F(Curating, LessonsInviteThoughtsOnlyWithTheSheet) {
  Piece piece{.id = "p", .character = "orlando-marlo"};
  piece.lines = {{.who = lm::Role::kPlayer, .text = "Good morning."},
                 {.who = lm::Role::kNpc, .text = "And to you.", .thoughts = "A pilgrim."},
                 {.who = lm::Role::kPlayer, .text = "Who are you?"},
                 {.who = lm::Role::kNpc, .text = "Orlando."}};
  const auto with = lessons_of(piece, cast_, Sheet::kOn).value();
  ASSERT_EQ(with.size(), 2U);
  EXPECT_EQ(with[0].messages.back().text, lm::with_thoughts("A pilgrim.", "And to you."));
  EXPECT_EQ(with[1].messages.size(), 5U) << "system, an exchange, the message and the reply";
  EXPECT_EQ(with[1].messages.back().text, "Orlando.");
  const auto without = lessons_of(piece, cast_, Sheet::kOff).value();
  EXPECT_EQ(without[0].messages.size(), 2U);
  EXPECT_EQ(without[0].messages.back().text, "And to you.");
  EXPECT_THAT(print_as_experience(piece, orlando().sheet),
              HasSubstr("Orlando (thinking): A pilgrim.<|eot|>\\nOrlando (speaking): And to you."));
  const auto figures = figures_of({&piece, 1});
  EXPECT_EQ(figures.turns, 5U);
  EXPECT_EQ(figures.thoughts, 1U);
}

}  // namespace
}  // namespace dramatis::dataset
