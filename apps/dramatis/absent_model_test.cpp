#include "absent_model.h"

#include <gtest/gtest.h>

namespace dramatis::app {
namespace {

class Deaf final : public lm::TextSink {
 public:
  [[nodiscard]] lm::Go write(std::string_view /*words*/) override {
    heard = true;
    return lm::Go::kOn;
  }
  bool heard = false;
};

TEST(AbsentModel, SaysWhatIsMissingAndNotAWordMore) {
  AbsentModel model("There is no model file /home/ada/hearth.gguf.");
  Deaf deaf;
  const auto said = model.generate({}, {}, deaf, {});
  ASSERT_FALSE(said);
  EXPECT_EQ(said.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(said.error().what.find("/home/ada"), std::string::npos) << "players read this";
  EXPECT_FALSE(deaf.heard);
  EXPECT_EQ(model.score({}, {}, {}).error().code, ErrorCode::kUnavailable);
}

TEST(AbsentModel, CannotBeAskedAndCountsAllTheSame) {
  const AbsentModel model("There is no model file.");
  EXPECT_FALSE(lm::can_be_asked(model.health()));
  EXPECT_EQ(model.count_tokens("").value(), 0U);
  EXPECT_EQ(model.count_tokens("Good day").value(), 2U);
}

}  // namespace
}  // namespace dramatis::app
