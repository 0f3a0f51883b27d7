#include "text/regex.h"

#include <gtest/gtest.h>

namespace dramatis::text {
namespace {

TEST(Regex, FindsUnicodeClassesFromAPlace) {
  const Regex letters = Regex::compile(R"(\p{L}+)").value();
  const std::string_view subject =
      "12 gr\xC3\xBC"
      "n 3 ab";
  const auto first = letters.find(subject, 0).value();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->first, 3U);
  EXPECT_EQ(first->length, 5U);
  EXPECT_EQ(letters.find(subject, 9).value()->first, 11U);
  EXPECT_FALSE(letters.find("123", 0).value());
}

TEST(Regex, NamesTheOffsetOfABrokenPattern) {
  const auto broken = Regex::compile("a(b");
  EXPECT_EQ(broken.error().code, ErrorCode::kInvalidArgument);
}

TEST(Regex, GivesUpOnAPatternThatExplodes) {
  const Regex evil = Regex::compile("(a+)+(?<!x)$").value();
  EXPECT_EQ(evil.find(std::string(5000, 'a') + "!", 0).error().code, ErrorCode::kOverBudget);
}

}  // namespace
}  // namespace dramatis::text
