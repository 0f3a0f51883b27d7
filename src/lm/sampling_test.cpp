#include <limits>

#include <gtest/gtest.h>

#include "lm/language_model.h"
#include "lm/limits.h"
#include "lm/testing/scripted_model.h"

namespace dramatis::lm {
namespace {

TEST(Sampling, DefaultsAreValid) {
  EXPECT_TRUE(validate(Sampling{}));
}

TEST(Sampling, NamesTheFieldThatIsOutOfRange) {
  const auto refused = [](auto change) {
    Sampling how;
    change(how);
    const Status status = validate(how);
    return status ? std::string("accepted") : status.error().what;
  };
  EXPECT_NE(refused([](Sampling& s) { s.temperature = -1; }).find("temperature"),
            std::string::npos);
  EXPECT_NE(refused([](Sampling& s) {
              s.temperature = std::numeric_limits<double>::quiet_NaN();
            }).find("temperature"),
            std::string::npos);
  EXPECT_NE(refused([](Sampling& s) { s.top_p = 0; }).find("top_p"), std::string::npos);
  EXPECT_NE(refused([](Sampling& s) { s.repetition_penalty = 0; }).find("repetition_penalty"),
            std::string::npos);
  EXPECT_NE(refused([](Sampling& s) { s.presence_penalty = 2.1; }).find("presence_penalty"),
            std::string::npos);
  EXPECT_NE(refused([](Sampling& s) { s.frequency_penalty = -2.1; }).find("frequency_penalty"),
            std::string::npos);
  EXPECT_NE(refused([](Sampling& s) { s.dry_multiplier = -0.1; }).find("dry_multiplier"),
            std::string::npos);
  EXPECT_NE(refused([](Sampling& s) { s.dry_base = 0.9; }).find("dry_base"), std::string::npos);
  EXPECT_NE(refused([](Sampling& s) { s.dry_allowed_length = -1; }).find("dry_allowed_length"),
            std::string::npos);
  EXPECT_NE(
      refused([](Sampling& s) { s.dry_range = std::numeric_limits<int>::max(); }).find("dry_range"),
      std::string::npos);
  EXPECT_NE(refused([](Sampling& s) { s.dry_breakers = {""}; }).find("DRY breaker"),
            std::string::npos);
  EXPECT_NE(refused([](Sampling& s) { s.max_tokens = 0; }).find("max_tokens"), std::string::npos);
  EXPECT_NE(refused([](Sampling& s) { s.grammar = GrammarText{}; }).find("grammar is empty"),
            std::string::npos);
  EXPECT_NE(refused([](Sampling& s) {
              s.grammar = GrammarText{.kind = GrammarText::Kind::kJsonObject, .text = "{}"};
            }).find("grammar asks for any"),
            std::string::npos);
  EXPECT_NE(refused([](Sampling& s) {
              s.grammar = GrammarText{.text = std::string(kMaxGrammarBytes + 1, 'a')};
            }).find("grammar has 65537 bytes"),
            std::string::npos);
  EXPECT_NE(refused([](Sampling& s) { s.stop = {""}; }).find("stop string"), std::string::npos);
}

TEST(ScriptedModel, StreamsItsLinesAndStopsWhenTold) {
  testing::ScriptedModel model({std::string("Well met, Ana.")});
  testing::GatheringSink sink;
  EXPECT_EQ(model.generate({}, {}, sink, {}).value().text, "Well met, Ana.");
  EXPECT_EQ(sink.text(), "Well met, Ana.");
  EXPECT_EQ(sink.pieces(), 3U);
  EXPECT_EQ(model.generate({}, {}, sink, {}).error().code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace dramatis::lm
