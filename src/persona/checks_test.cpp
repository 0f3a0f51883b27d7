#include "persona/checks.h"

#include <gtest/gtest.h>

namespace dramatis::persona {
namespace {

TEST(Checks, AWordMatchesAtAWordsBeginningInAnyCase) {
  const Check check{.any_of = {"knight", "stained glass"}, .none_of = {"language model"}};
  EXPECT_TRUE(passes(check, "I was Knighted there."));
  EXPECT_TRUE(passes(check, "The STAINED GLASS shone."));
  EXPECT_FALSE(passes(check, "It is midknight."));
  EXPECT_FALSE(passes(check, "Good morning."));
  EXPECT_FALSE(passes(check, "A knight, or a language models' dream."));
  EXPECT_FALSE(passes(check, ""));
}

TEST(Checks, ACheckMustPassByItsOwnAnswer) {
  std::vector<Finding> found;
  const Character whose{.id = "ida"};
  (void)parse_checks(
      "character: ida\nchecks:\n  - {id: a, ask: q, kind: fact, any_of: [x], answer: y}\n", "f",
      whose, found);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].line, 3);
  EXPECT_EQ(found[0].field, "checks[0].answer");
}

TEST(Checks, KindsAreNamedAndTwinsRefused) {
  std::vector<Finding> found;
  const auto checks = parse_checks(
      "character: ida\nchecks:\n"
      "  - {id: a, ask: q, kind: brake, any_of: [x], answer: x}\n"
      "  - {id: a, ask: q, kind: break, any_of: [x], none_of: [z], answer: x}\n",
      "f", {.id = "ida"}, found);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].suggestion, "did you mean 'break'?");
  EXPECT_EQ(found[1].what, "the id 'a' stands twice.");
  EXPECT_EQ(checks[1].kind, CheckKind::kBreak);
  EXPECT_EQ(print(checks[1].kind), "break");
}

}  // namespace
}  // namespace dramatis::persona
