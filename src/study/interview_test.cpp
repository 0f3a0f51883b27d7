#include "study/interview.h"

#include <filesystem>
#include <mutex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing/scratch_folder.h"
#include "lm/testing/scripted_model.h"

namespace dramatis::study {
namespace {

using lm::testing::ScriptedModel;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Script = std::deque<Result<std::string>>;

// Answers every question with its own words, from any thread.
class Echo final : public lm::LanguageModel {
 public:
  [[nodiscard]] std::string name() const override { return "echo"; }
  [[nodiscard]] std::size_t context_size() const override { return 8192; }
  [[nodiscard]] Result<std::size_t> count_tokens(std::string_view text) const override {
    return (text.size() + 3) / 4;
  }
  [[nodiscard]] Result<lm::Completion> generate(const lm::Prompt& asked, const lm::Sampling&,
                                                lm::TextSink& sink, std::stop_token stop) override {
    if (stop.stop_requested()) return fail(ErrorCode::kCancelled, "stopped");
    const std::lock_guard lock(mutex_);
    if (fails_at_ == ++asked_) return fail(ErrorCode::kUnavailable, "away");
    const std::string& all = asked.messages.back().text;
    lm::Completion made{.text = "You said: " + all.substr(all.rfind('\n') + 1)};
    made.generated_tokens = 3;
    made.total = std::chrono::nanoseconds(5);
    if (sink.write(made.text) == lm::Go::kStop) return fail(ErrorCode::kCancelled, "left");
    return made;
  }
  [[nodiscard]] Result<std::vector<lm::Score>> score(const lm::Prompt&,
                                                     std::span<const std::string>,
                                                     std::stop_token) override {
    return fail(ErrorCode::kUnsupported, "no scores");
  }
  std::size_t fails_at_ = 0;
  std::size_t asked_ = 0;

 private:
  std::mutex mutex_;
};

class Interviews : public ::testing::Test {
 protected:
  Result<InterviewReport> hold(lm::LanguageModel& model, InterviewOptions options,
                               text::Journal* journal = nullptr) {
    options.answers.scratchpad = false;
    return interview(cast_, set_, {model, examples_}, options, journal);
  }

  persona::Cast cast_ =
      persona::load_cast(std::filesystem::path(DRAMATIS_SOURCE_DIR) / "tests/cast-small").value();
  prompt::Examples examples_ = prompt::Examples::build(cast_).value();
  QuestionSet set_{.questions = {{.id = "a",
                                  .character = "ida-fenn",
                                  .ask = "How deep is it?",
                                  .any_of = {"ninety"},
                                  .then = {"In feet?"}},
                                 {.id = "b", .theme = Theme::kStyle, .ask = "Who are you?"}}};
};

TEST_F(Interviews, EachQuestionIsAConversationOfItsOwn) {
  ScriptedModel model(Script{"Ninety feet.", "Ida.", "Tom."});
  const auto report = hold(model, {}).value();
  ASSERT_EQ(report.rows.size(), 3U);
  EXPECT_EQ(report.asked_by, "script");
  EXPECT_TRUE(report.rows[0].judged);
  EXPECT_TRUE(report.rows[0].passed);
  EXPECT_FALSE(report.rows[1].judged);
  EXPECT_EQ(report.rows[2].character, "tom-reed");
  EXPECT_THAT(report.rows[2].said, ElementsAre(Answered{.heard = "Who are you?", .reply = "Tom."}));
  EXPECT_EQ(model.asked()[1].messages.size(), 2U);
  EXPECT_EQ(model.asked()[1].asker.urgency, lm::Urgency::kBackground);
}

TEST_F(Interviews, ATrapIsPassedByWhateverFallsNotIntoIt) {
  set_.questions = {{.id = "t",
                     .character = "ida-fenn",
                     .theme = Theme::kTraps,
                     .ask = "What car did you drive?",
                     .none_of = {"i drove", "language model"}}};
  ScriptedModel model(Script{"A car?", "Yesterday I drove the red one."});
  EXPECT_TRUE(hold(model, {})->rows[0].passed);
  const auto fell = hold(model, {}).value();
  EXPECT_TRUE(fell.rows[0].judged);
  EXPECT_FALSE(fell.rows[0].passed);
}

TEST_F(Interviews, AScriptFollowsUp) {
  set_.questions.pop_back();
  ScriptedModel model(Script{"Deep as it is, stranger.", "Ninety feet of them.", "No.",
                             "It is ninety feet deep.", "Ninety feet again."});
  const auto report = hold(model, {.turns = 5}).value();
  std::vector<std::string> asked;
  for (const auto& answer : report.rows[0].said) asked.push_back(answer.heard);
  EXPECT_THAT(asked, ElementsAre("How deep is it?", "In feet?", "How do you know?",
                                 "That is no answer. Once more, then: How deep is it?",
                                 "Let me ask you once more: How deep is it?"));
  EXPECT_EQ(model.asked()[4].messages.size(), 10U);
  EXPECT_FALSE(report.rows[0].passed);
}

TEST_F(Interviews, ANamedModelAsks) {
  set_.questions.pop_back();
  ScriptedModel model(Script{"Deep as it is, stranger.", "Ninety."});
  ScriptedModel asking(Script{"Is it deeper than you are tall?\n\nI would like to know."});
  const auto report = hold(model, {.turns = 2, .interviewer = &asking}).value();
  EXPECT_EQ(report.asked_by, "scripted");
  EXPECT_EQ(report.rows[0].said[1].heard, "Is it deeper than you are tall?");
  EXPECT_THAT(asking.asked()[0].messages[0].text, HasSubstr("Ida Fenn"));
  EXPECT_THAT(asking.asked()[0].messages[1].text, HasSubstr("Deep as it is"));
}

TEST_F(Interviews, AfterAKillOnlyTheRestIsAsked) {
  const ScratchFolder folder;
  const auto path = folder / "interviews.jsonl";
  Echo model;
  model.fails_at_ = 3;
  {
    auto journal = text::Journal::open(path).value();
    const auto torn = hold(model, {}, &journal);
    EXPECT_EQ(torn.error().code, ErrorCode::kUnavailable);
    EXPECT_THAT(torn.error().what, HasSubstr("tom-reed/b: away"));
  }
  auto journal = text::Journal::open(path).value();
  const auto whole = hold(model, {}, &journal).value();
  EXPECT_EQ(model.asked_, 4U);
  Echo fresh;
  EXPECT_EQ(whole.rows, hold(fresh, {})->rows);
}

TEST_F(Interviews, AJournalOfOtherQuestionsIsAConflict) {
  const ScratchFolder folder;
  const auto path = folder / "interviews.jsonl";
  Echo model;
  {
    auto journal = text::Journal::open(path).value();
    ASSERT_TRUE(hold(model, {}, &journal));
  }
  auto journal = text::Journal::open(path).value();
  EXPECT_EQ(hold(model, {.turns = 2}, &journal).error().code, ErrorCode::kConflict);
}

TEST_F(Interviews, ManyAtOnceAnswerAlike) {
  for (int n = 0; n < 20; ++n)
    set_.questions.push_back({.id = fmt::format("c{}", n), .ask = fmt::format("Number {}?", n)});
  Echo one, many;
  const auto alone = hold(one, {.turns = 2}).value();
  const auto together = hold(many, {.turns = 2, .at_once = 8}).value();
  EXPECT_EQ(alone.rows.size(), 43U);
  EXPECT_EQ(alone.rows, together.rows);
}

TEST_F(Interviews, WhatCannotBeHeldIsRefused) {
  Echo model;
  EXPECT_EQ(hold(model, {.turns = 0}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(hold(model, {.at_once = 1000}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(hold(model, {.answers = {.characters = {"nobody"}}}).error().code,
            ErrorCode::kNotFound);
  set_.questions[0].character = "nobody";
  EXPECT_EQ(hold(model, {}).error().code, ErrorCode::kNotFound);
  std::stop_source stop;
  stop.request_stop();
  set_.questions[0].character.clear();
  EXPECT_EQ(
      interview(cast_, set_, {model, examples_}, {}, nullptr, {}, stop.get_token()).error().code,
      ErrorCode::kCancelled);
}

TEST_F(Interviews, RowsAreReadAsTheyAreKept) {
  const InterviewRow row{
      .character = "ida-fenn",
      .question = "a",
      .theme = Theme::kTime,
      .said = {{.heard = "Q\n", .reply = "\u201CA\u201D"}},
      .judged = true,
      .passed = true,
      .total = std::chrono::nanoseconds(7),
      .tokens = 3,
      .account = dialogue::Account{
          .model = "m",
          .prompt_tokens = 9,
          .sections = {{.name = "scene", .tokens = 4, .cut = 1}},
          .examples = {{.topic = "ford", .player = "P", .npc = "N", .relevance = 0.5}}}};
  EXPECT_EQ(read_interview_row(json_of(row)).value(), row);
  EXPECT_EQ(read_interview_row(text::JsonObject{}).error().code, ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace dramatis::study
