#include "remote/lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "remote/limits.h"

namespace dramatis::remote {
namespace {

TEST(LineParser, GivesWholeLinesHoweverTheyAreSplit) {
  const std::string_view whole = "{\"a\":1}\n\r\n\n{\"b\":\"\xC3\xA9\"}\r\nhalf";
  for (std::size_t size = 1; size <= whole.size(); ++size) {
    LineParser parser;
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < whole.size(); at += size)
      ASSERT_TRUE(parser.push(whole.substr(at, size), lines));
    EXPECT_THAT(lines, ::testing::ElementsAre("{\"a\":1}", "{\"b\":\"\xC3\xA9\"}")) << size;
  }
}

// B6: a line that never ends.
TEST(LineParser, BoundsALine) {
  LineParser parser;
  std::vector<std::string> lines;
  EXPECT_TRUE(parser.push(std::string(kMaxLineBytes, 'x'), lines));
  EXPECT_EQ(parser.push("x", lines).error().code, ErrorCode::kOverBudget);
  EXPECT_TRUE(lines.empty());
}

}  // namespace
}  // namespace dramatis::remote
