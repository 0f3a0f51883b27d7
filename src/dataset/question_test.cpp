#include "dataset/question.h"

#include <filesystem>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dataset/answer.h"
#include "lm/testing/scripted_model.h"
#include "persona/cast.h"

namespace dramatis::dataset {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class Questions : public ::testing::Test {
 protected:
  Questions()
      : cast_(persona::load_cast(std::filesystem::path(DRAMATIS_SOURCE_DIR) / "cast").value()),
        world_(*cast_.find_world("luminaria")),
        orlando_(cast_.find_member("orlando-marlo")->sheet),
        troupe_(*cast_.find_troupe("luminaria")) {}

  Encounter met(std::uint64_t n, std::uint64_t seed = 1) {
    return draw_encounter(troupe_, world_, orlando_, seed, n).value();
  }

  persona::Cast cast_;
  const persona::World& world_;
  const persona::Character& orlando_;
  const persona::Troupe& troupe_;
};

TEST_F(Questions, EverybodyOfTheTroupeComesEquallyOften) {
  std::map<std::string, int> came;
  std::map<std::string, int> first;
  for (std::uint64_t n = 0; n < 10 * troupe_.interlocutors.size(); ++n) {
    const auto here = met(n);
    ++came[here.who.name];
    if (n % troupe_.interlocutors.size() == 0) ++first[here.who.name];
    EXPECT_EQ(here, met(n));
  }
  ASSERT_EQ(came.size(), troupe_.interlocutors.size());
  for (const auto& [name, times] : came) EXPECT_EQ(times, 10) << name;
  EXPECT_GT(first.size(), 3U);  // the rounds are shuffled
}

TEST_F(Questions, EncountersDiffer) {
  std::size_t about = 0;
  std::map<std::string, int> moods;
  std::map<std::string, int> reasons;
  for (std::uint64_t n = 0; n < 1000; ++n) {
    const auto here = met(n);
    ++moods[here.emotion];
    ++reasons[here.reason];
    about += here.about.empty() ? 0 : 1;
    EXPECT_NE(here, met(n + 1));
  }
  EXPECT_EQ(moods.size(), 28U);
  EXPECT_EQ(reasons.size(), 30U);
  // A quarter of a thousand, give or take six standard deviations of 13.7.
  EXPECT_NEAR(static_cast<double>(about), 250, 82);
  EXPECT_NE(met(5, 1), met(5, 2));
  EXPECT_EQ(draw_encounter({}, world_, orlando_, 1, 1).error().code, ErrorCode::kNotFound);
}

TEST_F(Questions, WhoeverAsksIsToldNothingOfALife) {
  for (std::uint64_t n = 0; n < 100; ++n) {
    const auto here = met(n);
    const auto told = question_prompt(here, world_, orlando_).messages.front().text;
    EXPECT_THAT(told, AllOf(HasSubstr(here.who.name), HasSubstr(here.place), HasSubstr(here.reason),
                            HasSubstr(here.emotion), HasSubstr(here.acquaintance)));
    for (const auto& episode : orlando_.backstory)
      EXPECT_EQ(KnownRuns(episode.text, kRecitedRun).find_in(told), "");
  }
}

TEST(SpokenText, KeepsTheWordsAndTellsOfTheRest) {
  EXPECT_EQ(read_spoken("Is it true about the bees?", "Hob"),
            (SpokenText{.words = "Is it true about the bees?", .drops = {}}));
  const auto read = read_spoken(
      "Hob Tansley: \"Is it *he spits* true (you know) about the bees?\"\nOrlando: It is.\n\n"
      "I hope this helps!",
      "Hob Tansley");
  EXPECT_EQ(read.words, "Is it true about the bees?");
  EXPECT_THAT(read.drops, ElementsAre(Drop{DropReason::kOtherSpeaker, "Orlando: It is."},
                                      Drop{DropReason::kGesture, "*he spits*"},
                                      Drop{DropReason::kGesture, "(you know)"},
                                      Drop{DropReason::kProse, "I hope this helps!"}));
  EXPECT_THAT(read_spoken(" \n", "Hob").drops, ElementsAre(Drop{DropReason::kEmpty, ""}));
  EXPECT_THAT(read_spoken("*shrugs*", "Hob").words, IsEmpty());
  EXPECT_EQ(read_spoken("One thing: what does it cost?", "Hob").words,
            "One thing: what does it cost?");
}

TEST_F(Questions, RefusesWhatRecitesOrRunsOn) {
  const auto here = met(3);
  const KnownRuns life(life_of(orlando_), kRecitedRun);
  const auto& episode = orlando_.backstory.front().text;
  const auto recited = read_question("Tell me: " + episode.substr(0, 60), here, life);
  EXPECT_EQ(recited.words, "");
  ASSERT_FALSE(recited.drops.empty());
  EXPECT_EQ(recited.drops.back().reason, DropReason::kRecites);
  std::string long_winded;
  for (std::size_t n = 0; n <= kMostQuestionWords; ++n) long_winded += "and then ";
  EXPECT_EQ(read_question(long_winded, here, life).drops.back().reason, DropReason::kTooLong);
  EXPECT_EQ(read_question("Is the well dry?", here, life).words, "Is the well dry?");
}

// The claim that kRecitedRun makes of the cast.
TEST_F(Questions, AuthorsQuestionsReciteNothing) {
  std::size_t asked = 0;
  std::size_t recited = 0;
  for (const auto& member : cast_.members) {
    const KnownRuns life(life_of(member.sheet), kRecitedRun);
    for (const auto& dialogue : member.dialogues) {
      for (const auto& exchange : dialogue.exchanges) {
        ++asked;
        recited += life.find_in(exchange.player).empty() ? 0 : 1;
      }
    }
  }
  EXPECT_GT(asked, 4000U);
  EXPECT_LE(recited * 500, asked);
}

TEST_F(Questions, AnAnswerIsAskedForAsATurnIs) {
  lm::testing::ScriptedModel model({});
  model.set_context_size(8000);
  const auto here = met(7);
  const std::vector<lm::AuthoredLine> examples;
  const auto prompt =
      answer_prompt(here, "Is the well dry?", world_, orlando_, examples, model).value();
  ASSERT_EQ(prompt.messages.size(), 2U);
  EXPECT_THAT(prompt.messages[0].text,
              AllOf(HasSubstr(here.who.name), HasSubstr(here.place), HasSubstr("one to three"),
                    HasSubstr(orlando_.backstory.front().text), Not(HasSubstr("{0}"))));
  EXPECT_THAT(prompt.messages[1].text, HasSubstr("Is the well dry?"));
}

}  // namespace
}  // namespace dramatis::dataset
