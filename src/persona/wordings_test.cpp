#include "persona/wordings.h"

#include <gtest/gtest.h>

namespace dramatis::persona {
namespace {

const std::vector<Dialogue> kDialogues = {
    {.id = "a", .exchanges = {{.player = "Name?", .npc = "Iva.", .topic = "name"}}}};

TEST(Wordings, AreReadByTopic) {
  std::vector<Finding> found;
  const auto read = parse_wordings("name:\n  - who r u\n  - \"12\"\n", "f", kDialogues, {}, found);
  EXPECT_TRUE(found.empty());
  ASSERT_EQ(read.size(), 1U);
  EXPECT_EQ(read[0].lines, (std::vector<std::string>{"who r u", "12"}));
}

TEST(Wordings, NameTheLineOfAFault) {
  const std::vector<Secret> secrets = {{.id = "s", .text = "t", .words = {"Quillon"}}};
  std::vector<Finding> found;
  (void)parse_wordings("nam:\n  - x\nname:\n  - is it quillon?\n", "f", kDialogues, secrets, found);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].line, 1);
  EXPECT_EQ(found[1].line, 4);
  found.clear();
  (void)parse_wordings("- a\n", "f", kDialogues, {}, found);
  EXPECT_EQ(found.size(), 1U);
}

TEST(Wordings, OfTheWholeCastGoToWhoeverHasTheTopic) {
  std::vector<Finding> found;
  const auto shared = parse_shared_wordings(
      "name:\n  - who r u\n  - is it quillon?\n  - and you?\nhens:\n  - a hen!\n", "f", found);
  EXPECT_TRUE(found.empty());
  const std::vector<Secret> secrets = {{.id = "s", .text = "t", .words = {"Quillon"}}};
  std::vector<TopicWordings> own = {{.topic = "name", .lines = {"and you?", "called?"}}};
  add_shared(shared, kDialogues, secrets, own);
  ASSERT_EQ(own.size(), 1U);
  EXPECT_EQ(own[0].lines, (std::vector<std::string>{"and you?", "called?", "who r u"}));
  std::vector<TopicWordings> none;
  add_shared(shared, kDialogues, secrets, none);
  ASSERT_EQ(none.size(), 1U);
  EXPECT_EQ(none[0].lines, (std::vector<std::string>{"who r u", "and you?"}));
  (void)parse_shared_wordings("name: 7\n", "f", found);
  EXPECT_EQ(found.size(), 1U);
}

}  // namespace
}  // namespace dramatis::persona
