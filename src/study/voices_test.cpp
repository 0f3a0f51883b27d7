#include "study/voices.h"

#include <deque>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lm/testing/scripted_model.h"

namespace dramatis::study {
namespace {

using lm::testing::ScriptedModel;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Script = std::deque<Result<std::string>>;

TEST(OffTopic, QuestionsAreAListOfTexts) {
  EXPECT_THAT(
      off_topic_questions("questions:\n  - Are you ticklish?\n  - \"Why?\"\n", "q.yaml").value(),
      ElementsAre("Are you ticklish?", "Why?"));
  EXPECT_THAT(off_topic_questions("asked: [a]\n", "q.yaml").error().what, HasSubstr("q.yaml:1"));
  EXPECT_THAT(off_topic_questions("questions:\n  - a\n  - [b]\n", "q.yaml").error().what,
              HasSubstr("q.yaml:3"));
  EXPECT_EQ(off_topic_questions("questions: []\n", "q.yaml").error().code, ErrorCode::kNotFound);
}

class TakenUp : public ::testing::Test {
 protected:
  [[nodiscard]] Taken taken(std::string ask, std::string reply, bool ended = true) const {
    return taken_of(
        {.character = "ida", .ask = std::move(ask), .reply = std::move(reply), .ended = ended},
        ida_, world_);
  }

  persona::World world_{};
  persona::Character ida_{
      .id = "ida",
      .name = "Ida Morn",
      .summary = "Ida has rowed the ferry at Low Weir since the winter the bridge fell down.",
      .sayings = {"A penny is a penny"},
      .does_not_know = {"That is beyond my river."}};
};

TEST_F(TakenUp, AWordOfTheQuestionOrAPlainAnswerTakesItUp) {
  EXPECT_EQ(taken("Would you keep a donkey?", "A donkey would sink the boat."), Taken::kAnswered);
  EXPECT_EQ(taken("Would you keep a donkey?", "Never. They bite."), Taken::kAnswered);
  EXPECT_EQ(taken("Would you keep a donkey?", "The fare is a penny."), Taken::kBeside);
  EXPECT_EQ(taken("Would you keep a donkey?", ""), Taken::kBeside);
  EXPECT_EQ(taken("Would you keep a donkey?", "A donkey would", false), Taken::kBeside);
  EXPECT_EQ(taken("Would you keep a donkey?", "As an AI language model, I keep no donkey."),
            Taken::kBeside);
}

TEST_F(TakenUp, AChoiceIsAnAnswerWhereOneWasOffered) {
  EXPECT_EQ(taken("Would you rather swim or fly?", "The second, for the view."), Taken::kAnswered);
  EXPECT_EQ(taken("Swim or fly?", "Neither. I row."), Taken::kAnswered);
  EXPECT_EQ(taken("Would you like to fly?", "The second, for the view."), Taken::kBeside);
  EXPECT_EQ(taken("Swim or fly?", "The fare is a penny."), Taken::kBeside);
}

TEST_F(TakenUp, ASayingMayComeWordForWord) {
  ida_.sayings = {"Whoever pays to cross has paid to come back"};
  EXPECT_EQ(taken("Would you keep a donkey?", "No. Whoever pays to cross has paid to come back."),
            Taken::kAnswered);
}

TEST_F(TakenUp, NotKnowingAndRecitingAreNoAnswers) {
  EXPECT_EQ(taken("What is a river?", "That is beyond my river."), Taken::kUnknown);
  EXPECT_EQ(taken("Is it winter?",
                  "I rowed, since I rowed the ferry at Low Weir since the winter the bridge fell."),
            Taken::kRecited);
}

TEST(Voices, AreAskedInFourWaysAndOffTopic) {
  persona::Cast cast;
  cast.worlds.push_back({.id = "weir", .name = "Low Weir"});
  cast.members.push_back(
      {.sheet =
           {.id = "ida", .name = "Ida Morn", .world = "weir", .sayings = {"A penny is a penny"}},
       .checks = {{.id = "c-1", .ask = "What is the fare?", .any_of = {"penny"}}}});
  const auto examples = prompt::Examples::build(cast).value();
  ScriptedModel told(Script{"A penny.", "A penny is a penny.", "Never."});
  ScriptedModel free(Script{"Hm.", "Two pennies? A penny.", "The boat."});
  const Voices voices{.told = {told, examples},
                      .free = {free, examples},
                      .adapters = {{"ida", {.name = "ida-lora"}}}};
  const auto figures = measure_voice(cast, "ida", {"Do you sing?"}, voices, {}).value();
  const auto passed = [&](VoiceWay way) {
    return figures.checks[static_cast<std::size_t>(way)].total.passed.count;
  };
  EXPECT_EQ(passed(VoiceWay::kBase), 0U);
  EXPECT_EQ(passed(VoiceWay::kBaseTold), 1U);
  EXPECT_EQ(passed(VoiceWay::kAdapter), 1U);
  EXPECT_EQ(passed(VoiceWay::kAdapterTold), 1U);
  EXPECT_EQ(count(figures.off_topic).share(Taken::kAnswered), (Share{.count = 1, .of = 1}));
  EXPECT_EQ(count(figures.off_topic_alone).share(Taken::kBeside), (Share{.count = 1, .of = 1}));
  EXPECT_EQ(figures.sayings, (Share{.count = 1, .of = 2}));
  EXPECT_EQ(figures.ended, (Share{.count = 2, .of = 2}));
  ASSERT_EQ(free.asked().size(), 3U);
  EXPECT_TRUE(free.asked()[0].adapters.empty());
  EXPECT_EQ(free.asked()[1].adapters.at(0).name, "ida-lora");
  EXPECT_EQ(free.asked()[1].messages.size(), 1U) << "no sheet";
  EXPECT_TRUE(told.asked()[0].adapters.empty());
  EXPECT_EQ(told.asked()[1].adapters.at(0).name, "ida-lora");
  EXPECT_EQ(measure_voice(cast, "bo", {"Why?"}, voices, {}).error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace dramatis::study
