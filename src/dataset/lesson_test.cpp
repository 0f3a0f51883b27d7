#include "dataset/lesson.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "text/json.h"
#include "text/yaml.h"

namespace dramatis::dataset {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

lm::Message message(lm::Role role, std::string text) {
  return {.role = role, .text = std::move(text)};
}

Lesson talk() {
  return {.id = "om-1",
          .messages = {message(lm::Role::kSystem, "You are Orlando."),
                       message(lm::Role::kPlayer, "Who \"are\" you?"),
                       message(lm::Role::kNpc, "Orlando."), message(lm::Role::kPlayer, "And?\n"),
                       message(lm::Role::kNpc, "That is all.")}};
}

TEST(Lessons, ArePrintedAsTrainersReadThem) {
  const std::vector<Lesson> lessons{talk(), without_sheet(talk())};
  EXPECT_EQ(
      print_messages(lessons),
      R"({"messages":[{"role":"system","content":"You are Orlando."},{"role":"user","content":"Who \"are\" you?"},{"role":"assistant","content":"Orlando."},{"role":"user","content":"And?\n"},{"role":"assistant","content":"That is all."}]})"
      "\n"
      R"({"messages":[{"role":"user","content":"Who \"are\" you?"},{"role":"assistant","content":"Orlando."},{"role":"user","content":"And?\n"},{"role":"assistant","content":"That is all."}]})"
      "\n");
  EXPECT_THAT(
      print_sharegpt(lessons),
      HasSubstr(
          R"({"id":"om-1","conversations":[{"from":"system","value":"You are Orlando."},{"from":"human",)"));
  EXPECT_THAT(
      print_alpaca(lessons),
      HasSubstr(
          R"({"instruction":"And?\n","input":"","output":"That is all.","system":"You are Orlando.","history":[["Who \"are\" you?","Orlando."]]})"));
}

TEST(Lessons, WithoutAQuestionAreNoInstruction) {
  const std::vector<Lesson> greeting{
      {.id = "g", .messages = {message(lm::Role::kNpc, "Light on your road.")}}};
  EXPECT_EQ(print_alpaca(greeting), "");
  EXPECT_THAT(print_messages(greeting), HasSubstr("Light on your road."));
}

TEST(Experiences, ArePrintedAsPromptAndOutput) {
  const Experience experience{.background = "The lamp is out.",
                              .lines = {{"Iva", "thinking", "Who?"},
                                        {"Iva", "", "Hello."},
                                        {"Iva", "", "Anyone?"},
                                        {"Tom", "speaking", "Me."}}};
  const auto line = print_experience(
      experience, {.name = "Iva Brand", .place = "The weir, night", .source = "iva/3"});
  const auto read = text::parse_json(line).value();
  EXPECT_EQ(*read.find("output")->as_string(),
            "Iva (thinking): Who?<|eot|>\nIva (speaking): Hello.\nAnyone?<|eot|>\nTom (speaking): "
            "Me.<|eot|>");
  EXPECT_THAT(*read.find("prompt")->as_string(), HasSubstr("You are Iva Brand."));
  EXPECT_THAT(*read.find("prompt")->as_string(), HasSubstr("The lamp is out."));
}

TEST(Trainers, GetConfigurationsThatAreYaml) {
  const TrainerSettings settings{.base = "models/a \"b\": c", .rank = 16};
  for (const auto& made : {trl_configuration(settings), axolotl_configuration(settings)}) {
    ASSERT_TRUE(text::parse_yaml(made)) << made;
    EXPECT_THAT(made, HasSubstr(R"("models/a \"b\": c")"));
    EXPECT_THAT(made, HasSubstr("train.jsonl"));
    EXPECT_THAT(made, HasSubstr("lora_r: 16"));
  }
  EXPECT_THAT(trl_configuration({.base = "x"}), Not(HasSubstr("lora")));
  for (const char* name : {"messages", "sharegpt", "alpaca", "experience"}) {
    const auto form = parse_form(name).value();
    EXPECT_EQ(name_of(form), name);
    const auto made = axolotl_configuration({.form = form, .base = "x"});
    const auto read = text::parse_yaml(made);
    ASSERT_TRUE(read) << made;
    for (const char* list : {"datasets", "test_datasets"})
      EXPECT_NE(read->find(list)->items.front().find("type"), nullptr) << made;
  }
  EXPECT_EQ(parse_form("csv").error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace dramatis::dataset
