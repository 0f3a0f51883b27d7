#include "lm/language_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lm/testing/scripted_model.h"

namespace dramatis::lm {
namespace {

TEST(LanguageModel, MakesNoVectorsUnlessItSaysOtherwise) {
  testing::ScriptedModel model({});
  Embedder& embedder = model;
  const std::vector<std::string> texts = {"hello"};
  const auto made = embedder.embed(texts, {});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(made.error().what, ::testing::StartsWith("scripted makes no vectors"));
}

}  // namespace
}  // namespace dramatis::lm
