#include "text/utf8.h"

#include <gtest/gtest.h>

namespace dramatis::text {
namespace {

TEST(Utf8, EveryCodePointSurvivesTheRoundTrip) {
  for (char32_t value = 0; value <= 0x10FFFF; value += value < 0x3000 ? 1 : 97) {
    if (value >= 0xD800 && value <= 0xDFFF) continue;
    std::string bytes;
    append_utf8(value, bytes);
    const CodePoint back = first_code_point(bytes);
    ASSERT_EQ(back.value, value);
    ASSERT_EQ(back.length, bytes.size());
  }
}

TEST(Utf8, RefusesWhatIsNotShortestOrNotUnicode) {
  for (const char* bytes :
       {"\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80",
        "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80", "\x80", "\xFF", "a\xC3"}) {
    EXPECT_FALSE(is_valid_utf8(bytes));
  }
  EXPECT_TRUE(is_valid_utf8("gr\xC3\xBC\xC3\x9F \xE2\x82\xAC \xF0\x9F\x8D\x84"));
}

TEST(Utf8, RepairReplacesEachMaximalRunOnce) {
  EXPECT_EQ(repair_utf8("a\xE2\x82"
                        "b"),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(repair_utf8("\xFF\xFF"), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(repair_utf8("plain"), "plain");
}

TEST(Utf8, WholePrefixHoldsBackOnlyWhatMayBecomeWhole) {
  EXPECT_EQ(whole_prefix("ab\xC3"), 2U);
  EXPECT_EQ(whole_prefix("ab\xE2\x82"), 2U);
  EXPECT_EQ(whole_prefix("ab\xF0\x9F\x8D"), 2U);
  EXPECT_EQ(whole_prefix("ab\xE2\x82\xAC"), 5U);
  EXPECT_EQ(whole_prefix("ab\xFF"), 3U);
  EXPECT_EQ(whole_prefix("ab\xC3x"), 4U);
  EXPECT_EQ(whole_prefix(""), 0U);
}

TEST(Utf8, CutAtSplitsNoCodePoint) {
  EXPECT_EQ(cut_at("a\xE2\x82\xAC", 3), "a");
  EXPECT_EQ(cut_at("a\xE2\x82\xAC", 4), "a\xE2\x82\xAC");
  EXPECT_EQ(cut_at("abc", 2), "ab");
}

TEST(Utf8, CodePointsAreCountedAndInvalidBytesCountAsOneEach) {
  EXPECT_EQ(count_code_points(""), 0U);
  EXPECT_EQ(count_code_points("éa—"), 3U);
  EXPECT_EQ(count_code_points("a\xFF\xC3"), 3U);
}

}  // namespace
}  // namespace dramatis::text
