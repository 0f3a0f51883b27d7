#include "train/tune/lessons.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dramatis::train::tune {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string problem(std::string_view line) {
  const auto read = parse_conversations(line, "a.jsonl");
  return read ? "none" : read.error().what;
}

TEST(Lessons, ReadsMessagesAndPassesOverEmptyLines) {
  const auto read = parse_conversations(
      "{\"messages\":[{\"role\":\"system\",\"content\":\"s\"},{\"role\":\"user\",\"content\":\"u\"}"
      ","
      "{\"role\":\"assistant\",\"content\":\"a\"}],\"id\":7}\r\n\n  \n"
      "{\"messages\":[{\"role\":\"assistant\",\"content\":\"first\"}]}",
      "a.jsonl");
  ASSERT_TRUE(read) << read.error().what;
  ASSERT_EQ(read->size(), 2U);
  EXPECT_EQ((*read)[0].messages.size(), 3U);
  EXPECT_EQ((*read)[0].messages[2].role, lm::Role::kNpc);
  EXPECT_EQ((*read)[1].messages[0].text, "first");
}

TEST(Lessons, NamesTheLineThatIsNone) {
  EXPECT_THAT(problem("\n{}"), StartsWith("a.jsonl:2: a list of messages is missing"));
  EXPECT_THAT(problem("{"), StartsWith("a.jsonl:1: "));
  EXPECT_THAT(problem(R"({"messages":[]})"), HasSubstr("missing"));
  EXPECT_THAT(problem(R"({"messages":[{"role":"user","content":"u"}]})"),
              HasSubstr("the last message is not the assistant's"));
  EXPECT_THAT(problem(R"({"messages":[{"role":"tool","content":"u"}]})"), HasSubstr("'role'"));
  EXPECT_THAT(problem(R"({"messages":[{"role":"user","content":null}]})"), HasSubstr("'content'"));
  EXPECT_THAT(
      problem(
          R"({"messages":[{"role":"user","content":"u"},{"role":"system","content":"s"},{"role":"assistant","content":"a"}]})"),
      HasSubstr("before the others"));
}

TEST(Lessons, ReadsPreferences) {
  const auto read = parse_preferences(
      R"({"prompt":[{"role":"user","content":"u"}],"chosen":"c","rejected":"r"})", "p.jsonl");
  ASSERT_TRUE(read) << read.error().what;
  ASSERT_EQ(read->size(), 1U);
  EXPECT_EQ((*read)[0].rejected, "r");
  const auto none =
      parse_preferences(R"({"prompt":[{"role":"user","content":"u"}],"chosen":"c"})", "p.jsonl");
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().what, HasSubstr("'rejected'"));
}

TEST(Lessons, ReadsPreferencesWhoseRepliesAreMessages) {
  const auto line = [](std::string_view chosen) {
    return fmt::format(
        R"({{"prompt":[{{"role":"user","content":"u"}}],"chosen":{},"rejected":"r"}})", chosen);
  };
  const auto read = parse_preferences(line(R"([{"role":"assistant","content":"c"}])"), "p.jsonl");
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ((*read)[0].chosen, "c");
  for (const char* wrong :
       {"[]", "[1]", R"([{"role":"user","content":"c"}])", R"([{"role":"assistant"}])",
        R"([{"role":"assistant","content":""}])", "3", "\"\"",
        R"([{"role":"assistant","content":"c"},{"role":"assistant","content":"d"}])"}) {
    const auto none = parse_preferences(line(wrong), "p.jsonl");
    ASSERT_FALSE(none) << wrong;
    EXPECT_EQ(none.error().code, ErrorCode::kCorrupt);
    EXPECT_THAT(none.error().what, HasSubstr("'chosen'"));
  }
}

}  // namespace
}  // namespace dramatis::train::tune
