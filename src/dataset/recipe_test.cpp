#include "dataset/recipe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.h"
#include "dataset/limits.h"

namespace dramatis::dataset {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

DataRecipe read(std::string_view yaml) {
  auto recipe = parse_recipe(yaml, "r.yaml");
  if (!recipe) ADD_FAILURE() << recipe.error().what;
  return recipe.value_or(DataRecipe{});
}
std::string refused(std::string_view yaml) {
  const auto recipe = parse_recipe(yaml, "r.yaml");
  return recipe ? std::string("it was read") : recipe.error().what;
}

TEST(Recipes, SayWhoWhatHowManyAndForHowMuch) {
  const auto recipe = read(
      "kind: exchanges\ncharacters: [orlando, sarah]\nmodel: larger\nseed: 7\ncount: 250\n"
      "questions: {temperature: 1.2}\nanswers: {model: best, price_prompt: 0.5, price_reply: 2}\n"
      "gates: {most_words: 60}\nbudget: {requests: 900, money: 2.5, minutes: 1.5}\n");
  EXPECT_EQ(recipe.kind, DataKind::kExchanges);
  EXPECT_THAT(recipe.characters, ElementsAre("orlando", "sarah"));
  EXPECT_EQ(recipe.count, 250U);
  EXPECT_EQ(recipe.questions.model, "larger") << "who is not named is the recipe's model";
  EXPECT_EQ(recipe.questions.temperature, 1.2);
  EXPECT_EQ(recipe.answers.model, "best");
  EXPECT_EQ(recipe.answers.temperature, 0.7);
  EXPECT_EQ(recipe.answers.price.reply, 2.0);
  EXPECT_EQ(recipe.gates.most_words, 60U);
  EXPECT_EQ(recipe.gates.least_words, 3U);
  EXPECT_EQ(recipe.budget.money, 2.5);
  EXPECT_EQ(recipe.budget.time, std::chrono::seconds(90));
  EXPECT_EQ(recipe.budget.tokens, 0U);
}

TEST(Recipes, OfExperiencesHaveThePapersSizesUnlessTold) {
  const auto recipe = read("kind: experiences\nexperiences: {scenes: 1600, protective: 2}\n");
  EXPECT_EQ(recipe.scene_prompts, 100U);
  EXPECT_EQ(recipe.scenes_each, 20U);
  EXPECT_EQ(recipe.most_scenes, 1600U);
  EXPECT_EQ(recipe.turns, 13U);
  EXPECT_EQ(recipe.protective, 2U);
}

TEST(Recipes, NameLineAndFieldOfWhatIsWrong) {
  EXPECT_THAT(refused("kind: exchanges\ncout: 3\n"),
              HasSubstr("r.yaml, line 2: A recipe has no 'cout'; it has kind"));
  EXPECT_THAT(refused("kind: songs\n"), HasSubstr("line 1: 'kind' is exchanges or experiences."));
  EXPECT_THAT(refused("seed: 1\n\ncount: many\n"), HasSubstr("line 3: 'count' is a number from 0"));
  EXPECT_THAT(refused("count: -1\n"), HasSubstr("'count' is a number"));
  EXPECT_THAT(refused("answers:\n  model: a\n  heat: 3\n"),
              HasSubstr("line 3: A writer has no 'heat'"));
  EXPECT_THAT(refused("answers:\n  temperature: nan\n"),
              HasSubstr("line 2: 'temperature' is a number"));
  EXPECT_THAT(refused("authored: perhaps\n"), HasSubstr("on or off"));
  EXPECT_THAT(refused("characters: [[a]]\n"), HasSubstr("line 1: A text"));
  EXPECT_THAT(refused("budget: 3\n"), HasSubstr("'budget' is a map"));
  EXPECT_THAT(refused("gates: {least_words: 9, most_words: 2}\n"), HasSubstr("less than"));
  EXPECT_THAT(refused("profile: p.txt\n"), HasSubstr("one character's"));
  EXPECT_THAT(refused("- a\n"), HasSubstr("A recipe is a map"));
  EXPECT_THAT(refused(std::string(kMaxRecipeBytes + 1, '#')), HasSubstr("at most"));
}

TEST(Recipes, ThatComeWithDramatisAreRead) {
  for (const char* name : {"dataset-exchanges.yaml", "dataset-experiences.yaml"}) {
    const auto path = std::filesystem::path(DRAMATIS_SOURCE_DIR) / "recipes" / name;
    const auto bytes = read_text_file(path, kMaxRecipeBytes);
    ASSERT_TRUE(bytes) << name;
    const auto recipe = read(*bytes);
    EXPECT_FALSE(recipe.model.empty()) << name;
  }
}

}  // namespace
}  // namespace dramatis::dataset
