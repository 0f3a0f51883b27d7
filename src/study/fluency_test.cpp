#include "study/fluency.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lm/testing/scripted_model.h"

namespace dramatis::study {
namespace {

using lm::testing::ScriptedModel;

// A model for which a text is as likely, per token, as the number that it spells.
class Reader final : public lm::LanguageModel {
 public:
  [[nodiscard]] std::string name() const override { return "reader"; }
  [[nodiscard]] std::size_t context_size() const override { return 4096; }
  [[nodiscard]] Result<std::size_t> count_tokens(std::string_view text) const override {
    return text.size();
  }
  [[nodiscard]] Result<lm::Completion> generate(const lm::Prompt&, const lm::Sampling&,
                                                lm::TextSink&, std::stop_token) override {
    return fail(ErrorCode::kUnsupported, "A reader does not speak.");
  }
  [[nodiscard]] Result<std::vector<lm::Score>> score(const lm::Prompt& asked,
                                                     std::span<const std::string> replies,
                                                     std::stop_token stop) override {
    if (stop.stop_requested()) return fail(ErrorCode::kCancelled, "stopped");
    empty_prompts_ = empty_prompts_ && asked.messages.empty() && asked.reply_start.empty();
    std::vector<lm::Score> scores;
    for (const auto& reply : replies) {
      scores.push_back({.log_likelihood = 4 * std::stod(reply), .tokens = 4});
    }
    return scores;
  }
  bool empty_prompts_ = true;
};

// -1.00, -1.01, ... -1.99
std::vector<std::string> hundred_lines() {
  std::vector<std::string> lines;
  for (int n = 0; n < 100; ++n) lines.push_back(fmt::format("-1.{:02}", n));
  return lines;
}

TEST(Fluency, AReplyIsFluentUnlessItIsWorseThanNinetyFiveOfAHundredAuthoredLines) {
  Reader english;
  const std::vector<std::string> replies{"-0.5", "-1.94", "-1.95", "-9", ""};
  const auto measured = fluency(english, replies, hundred_lines()).value();
  EXPECT_DOUBLE_EQ(measured.worst_authored, -1.94);
  EXPECT_EQ(measured.authored, 100U);
  EXPECT_EQ(measured.replies, (Share{.count = 2, .of = 5}));
  EXPECT_TRUE(english.empty_prompts_);
}

TEST(Fluency, WithoutAuthoredLinesOrWhenStoppedThereIsNoMeasure) {
  Reader english;
  const std::vector<std::string> replies{"-1"};
  EXPECT_EQ(fluency(english, replies, {}).error().code, ErrorCode::kInvalidArgument);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(fluency(english, replies, replies, stop.get_token()).error().code,
            ErrorCode::kCancelled);
}

TEST(Fluency, AuthoredLinesAreTakenEvenlyFromTheWholeCast) {
  const auto cast =
      persona::load_cast(std::filesystem::path(DRAMATIS_SOURCE_DIR) / "tests/cast-small").value();
  const auto all = authored_lines(cast, 1000);
  ASSERT_EQ(all.size(), 5U);
  EXPECT_EQ(authored_lines(cast, 2), (std::vector<std::string>{all[0], all[2]}));
  EXPECT_TRUE(authored_lines(cast, 0).empty());
}

}  // namespace
}  // namespace dramatis::study
