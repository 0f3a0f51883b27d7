#include "study/checks.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lm/testing/scripted_model.h"
#include "study/report.h"

namespace dramatis::study {
namespace {

using lm::testing::ScriptedModel;
using ::testing::HasSubstr;
using ::testing::Not;
using Script = std::deque<Result<std::string>>;
using std::chrono::milliseconds;

// A scripted model that takes time, and that is cut short every time.
class CutShort final : public lm::LanguageModel {
 public:
  explicit CutShort(Script script) : script_(std::move(script)) {}
  [[nodiscard]] std::string name() const override { return "cut short"; }
  [[nodiscard]] std::size_t context_size() const override { return script_.context_size(); }
  [[nodiscard]] Result<std::size_t> count_tokens(std::string_view text) const override {
    return script_.count_tokens(text);
  }
  [[nodiscard]] Result<lm::Completion> generate(const lm::Prompt& asked, const lm::Sampling& how,
                                                lm::TextSink& sink, std::stop_token stop) override {
    DRAMATIS_TRY(auto made, script_.generate(asked, how, sink, std::move(stop)));
    made.why = lm::StopReason::kLength;
    made.origin = lm::Origin::kAdapted;
    made.first_word = milliseconds(20);
    made.total = milliseconds(500);
    return made;
  }
  [[nodiscard]] Result<std::vector<lm::Score>> score(const lm::Prompt& asked,
                                                     std::span<const std::string> replies,
                                                     std::stop_token stop) override {
    return script_.score(asked, replies, std::move(stop));
  }

 private:
  ScriptedModel script_;
};

class Checks : public ::testing::Test {
 protected:
  Checks()
      : cast_(persona::load_cast(std::filesystem::path(DRAMATIS_SOURCE_DIR) / "tests/cast-small")
                  .value()),
        examples_(prompt::Examples::build(cast_).value()) {}

  Result<CheckReport> run(lm::LanguageModel& model, const CheckOptions& options = {}) {
    return run_checks(cast_, {model, examples_, prompt::Head::kCompact}, options);
  }

  persona::Cast cast_;
  prompt::Examples examples_;
};

TEST_F(Checks, AKnownAnswerPassesAndAWrongOneFails) {
  ScriptedModel model(Script{"Ninety feet, they say.", "Nobody knows."});
  const auto right = run(model).value();
  ASSERT_EQ(right.rows.size(), 1U);
  EXPECT_TRUE(right.rows[0].passed);
  EXPECT_TRUE(right.rows[0].ended);
  EXPECT_EQ(right.total.passed, (Share{.count = 1, .of = 1}));
  EXPECT_EQ(right.total.others, (Share{.count = 1, .of = 1}));
  EXPECT_EQ(right.total.breaks, Share{});
  const auto wrong = run(model).value();
  EXPECT_FALSE(wrong.rows[0].passed);
  EXPECT_EQ(wrong.rows[0].reply, "Nobody knows.");
  EXPECT_EQ(wrong.total.passed, (Share{.count = 0, .of = 1}));
}

TEST_F(Checks, AReplyThatWasCutShortIsCountedAsUnfinished) {
  CutShort model(Script{"Ninety feet"});
  const auto report = run(model).value();
  EXPECT_FALSE(report.rows[0].ended);
  EXPECT_EQ(report.total.ended, (Share{.count = 0, .of = 1}));
  EXPECT_EQ(report.total.adapted, 1U);
  EXPECT_EQ(report.total.tokens_per_second, 4.0);
}

TEST_F(Checks, ThoughtsAreNoAnswer) {
  ScriptedModel model(Script{"<scratchpad>Ninety feet.</scratchpad>\nI will not tell."});
  const auto report = run(model, {.scratchpad = true}).value();
  EXPECT_EQ(report.rows[0].reply, "I will not tell.");
  EXPECT_FALSE(report.rows[0].passed);
  EXPECT_THAT(model.asked()[0].messages[0].text, HasSubstr("First think"));
}

TEST_F(Checks, SilenceIsAWrongAnswerAndNoError) {
  ScriptedModel model(Script{""});
  const auto report = run(model);
  ASSERT_TRUE(report) << report.error().what;
  EXPECT_FALSE(report->rows[0].passed);
}

TEST_F(Checks, EachCheckIsTheFirstMessageOfAConversation) {
  ScriptedModel model(Script{"a", "b", "c"});
  ASSERT_TRUE(run(model, {.max_tokens = 50, .seed = 7}));
  const auto asked = model.asked()[0];
  ASSERT_EQ(asked.messages.size(), 2U);
  EXPECT_THAT(asked.messages[1].text, HasSubstr("[Spoken before]"));
  EXPECT_THAT(asked.messages[1].text, HasSubstr("How far down does the water go?"));
  EXPECT_FALSE(asked.authored.empty());
  EXPECT_EQ(model.settings()[0].temperature, 0);
  EXPECT_EQ(model.settings()[0].max_tokens, 50);
  EXPECT_EQ(model.settings()[0].seed, 7U);
  ASSERT_TRUE(run(model, {.examples = Shown::kNothing}));
  EXPECT_THAT(model.asked()[1].messages[1].text, Not(HasSubstr("[Spoken before]")));
  EXPECT_FALSE(model.asked()[1].authored.empty());
  ASSERT_TRUE(run(model, {.voice = Voice::kFree}));
  EXPECT_TRUE(model.asked()[2].authored.empty());
  EXPECT_THAT(model.asked()[2].messages[1].text, HasSubstr("[Spoken before]"));
}

TEST_F(Checks, WithoutTheSheetThePromptHoldsWhatIsSaidAlone) {
  ScriptedModel model(Script{"a"});
  ASSERT_TRUE(
      run(model, {.examples = Shown::kNothing, .voice = Voice::kFree, .sheet = Sheet::kUntold}));
  const auto asked = model.asked()[0];
  ASSERT_EQ(asked.messages.size(), 1U);
  EXPECT_EQ(asked.messages[0].role, lm::Role::kPlayer);
  EXPECT_EQ(asked.messages[0].text, "How far down does the water go?");
  EXPECT_TRUE(asked.authored.empty());
}

TEST_F(Checks, OnlyTheCharactersAskedForAnswerAndUnknownOnesAreNamed) {
  ScriptedModel model(Script{});
  EXPECT_TRUE(run(model, {.characters = {"tom-reed"}}).value().rows.empty());
  const auto nobody = run(model, {.characters = {"ida"}});
  EXPECT_EQ(nobody.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(nobody.error().what, HasSubstr("'ida'"));
}

TEST_F(Checks, AFailureNamesTheCheckAndStoppingIsCancelled) {
  ScriptedModel model(Script{fail(ErrorCode::kUnavailable, "away"), "Ninety"});
  const auto away = run(model);
  EXPECT_EQ(away.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(away.error().what, "ida-fenn, if-check-01: away");
  std::stop_source stop;
  stop.request_stop();
  const auto stopped = run_checks(cast_, {model, examples_}, {}, {}, stop.get_token());
  EXPECT_EQ(stopped.error().code, ErrorCode::kCancelled);
}

TEST_F(Checks, ProgressIsToldAfterEach) {
  ScriptedModel model(Script{"Ninety"});
  std::vector<std::string> told;
  const auto note = [&](std::size_t done, std::size_t of, const CheckRow& newest) {
    told.push_back(fmt::format("{}/{} {}", done, of, newest.id));
  };
  ASSERT_TRUE(run_checks(cast_, {model, examples_}, {}, note));
  EXPECT_EQ(told, std::vector<std::string>{"1/1 if-check-01"});
}

TEST_F(Checks, TheNearestLineAnswersWithoutAModel) {
  const auto report = nearest_line(cast_, examples_).value();
  ASSERT_EQ(report.rows.size(), 1U);
  EXPECT_EQ(report.rows[0].origin, lm::Origin::kAuthored);
  EXPECT_EQ(report.rows[0].passed,
            persona::passes(cast_.find_member("ida-fenn")->checks[0], report.rows[0].reply));
  EXPECT_EQ(report.total.authored, 1U);
  // Without lines there is nothing to say.
  for (auto& member : cast_.members) member.dialogues.clear(), member.sheet.examples.clear();
  const auto mute = nearest_line(cast_, prompt::Examples::build(cast_).value()).value();
  EXPECT_EQ(mute.rows[0].reply, "");
  EXPECT_FALSE(mute.rows[0].passed);
}

TEST(Summarise, KindsOriginsAndTheMedianAreCounted) {
  using persona::CheckKind;
  const std::vector<CheckRow> rows{{.kind = CheckKind::kBreak,
                                    .passed = true,
                                    .ended = true,
                                    .first_word = milliseconds(30),
                                    .total = milliseconds(1000),
                                    .tokens = 10},
                                   {.kind = CheckKind::kBreak,
                                    .origin = lm::Origin::kAuthored,
                                    .first_word = milliseconds(10),
                                    .total = milliseconds(500),
                                    .tokens = 5},
                                   {.kind = CheckKind::kUnknown,
                                    .passed = true,
                                    .ended = true,
                                    .origin = lm::Origin::kAdapted,
                                    .first_word = milliseconds(20),
                                    .total = milliseconds(500),
                                    .tokens = 15}};
  const CheckSummary expected{.character = "x",
                              .passed = {.count = 2, .of = 3},
                              .breaks = {.count = 1, .of = 2},
                              .others = {.count = 1, .of = 1},
                              .ended = {.count = 2, .of = 3},
                              .own = 1,
                              .adapted = 1,
                              .authored = 1,
                              .median_first_word = milliseconds(20),
                              .tokens = 30,
                              .tokens_per_second = 15};
  EXPECT_EQ(summarise("x", rows), expected);
}

TEST_F(Checks, TheJsonHasThisShape) {
  CutShort model(Script{"Ninety feet"});
  const auto report = run(model).value();
  EXPECT_EQ(
      text::print_json(json_of(report)),
      R"({"rows":[{"character":"ida-fenn","id":"if-check-01","kind":"fact",)"
      R"("ask":"How far down does the water go?","reply":"Ninety feet","passed":true,"ended":false,)"
      R"("origin":"adapted","first_word_us":20000,"total_us":500000,"tokens":2}],)"
      R"("characters":[{"character":"ida-fenn","checks":1,"passed":1,"breaks":0,"breaks_passed":0,)"
      R"("others":1,"others_passed":1,"ended":0,"own":0,"adapted":1,"authored":0,)"
      R"("median_first_word_us":20000,"tokens":2,"tokens_per_second":4}],)"
      R"("total":{"checks":1,"passed":1,"breaks":0,"breaks_passed":0,"others":1,"others_passed":1,)"
      R"("ended":0,"own":0,"adapted":1,"authored":0,"median_first_word_us":20000,"tokens":2,)"
      R"("tokens_per_second":4}})");
}

}  // namespace
}  // namespace dramatis::study
