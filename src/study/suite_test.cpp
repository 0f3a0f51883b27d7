#include "study/suite.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dramatis::study {
namespace {

using ::testing::HasSubstr;

TEST(Suite, IsReadFieldByField) {
  const auto suite = parse_suite(R"(
name: nightly
characters: [orlando, sarah]
single: 12
multi: 3x4
questions: mine.yaml
fail_under: [memory=5.5]
candidates:
  - name: guided
  - name: free
    voice: free
    temperature: 0.4
)",
                                 "s.yaml");
  ASSERT_TRUE(suite) << suite.error().what;
  EXPECT_EQ(*suite,
            (Suite{.name = "nightly",
                   .characters = {"orlando", "sarah"},
                   .single = 12,
                   .multi = 3,
                   .turns = 4,
                   .questions = "mine.yaml",
                   .candidates = {{.name = "guided"},
                                  {.name = "free",
                                   .settings = {{"temperature", "0.4"}, {"voice", "free"}}}},
                   .fail_under = {"memory=5.5"}}));
}

TEST(Suite, WhatIsWrongHasItsLine) {
  for (const auto& [yaml, what] : std::vector<std::pair<const char*, const char*>>{
           {"a: 1", "s.yaml, line 1: A suite has no 'a'"},
           {"single: many", "line 1: 'many' is no number"},
           {"name: x\nmulti: 3x", "line 2: '3x' is no number"},
           {"single: 0", "asks nothing"},
           {"- 1", "is a map"},
           {"candidates: [{voice: free}]", "has a 'name'"},
           {"candidates:\n  - name: a\n  - name: a", "line 3: 'a' stands twice"},
           {"candidates: 1", "is a list"},
           {"characters: {a: 1}", "list of texts"},
           {"name: [1]", "'name' is a text"}}) {
    const auto suite = parse_suite(yaml, "s.yaml");
    ASSERT_FALSE(suite) << yaml;
    EXPECT_THAT(suite.error().what, HasSubstr(what));
  }
}

TEST(Suite, MultiTurnIsInterviewsTimesQuestions) {
  EXPECT_EQ(parse_multi("10x5")->interviews, 10U);
  EXPECT_EQ(parse_multi("10x3")->turns, 3U);
  EXPECT_EQ(parse_multi("2")->turns, 5U);
  for (const char* wrong :
       {"", "x", "x5", "10x0", "10x51", "-1x5", "99999999999999999999x5", "5.5"})
    EXPECT_FALSE(parse_multi(wrong)) << wrong;
}

}  // namespace
}  // namespace dramatis::study
