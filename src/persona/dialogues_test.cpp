#include "persona/dialogues.h"

#include <gtest/gtest.h>

#include "persona/limits.h"

namespace dramatis::persona {
namespace {

TEST(Dialogues, NamesTheLineOfEachFaultAndGoesOn) {
  std::vector<Finding> found;
  const auto read = parse_dialogues(
      "{\"id\":\"a\",\"exchanges\":[{\"player\":7,\"npc\":\"b\",\"topic\":\"t\"}]}\n"
      "\n"
      "{\"id\":\"b\",\"exchange\":[]}\n"
      "nonsense\n"
      "{\"id\":\"a\",\"exchanges\":[{\"player\":\"q\",\"npc\":\"b\",\"topic\":\"t\"}]}\n",
      "f.jsonl", {}, found);
  EXPECT_EQ(read.size(), 3U);
  ASSERT_EQ(found.size(), 5U);
  EXPECT_EQ(found[0].field, "exchanges[0].player");
  EXPECT_EQ(found[0].line, 1);
  EXPECT_EQ(found[1].field, "exchanges");
  EXPECT_EQ(found[2].suggestion, "did you mean 'exchanges'?");
  EXPECT_EQ(found[2].line, 3);
  EXPECT_EQ(found[3].line, 4);
  EXPECT_EQ(found[4].what, "the id 'a' stands twice in this file.");
}

TEST(Dialogues, TheFirstLineCannotFollow) {
  std::vector<Finding> found;
  (void)parse_dialogues(
      R"({"id":"a","exchanges":[{"player":"Why?","npc":"b","topic":"t","follows":true}]})", "f", {},
      found);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].field, "exchanges[0].follows");
}

TEST(Dialogues, AMillionFaultsAreToldInBoundedSpace) {
  std::string lines;
  for (int n = 0; n < 5000; ++n) lines += "{}\n";
  std::vector<Finding> found;
  EXPECT_LE(parse_dialogues(lines, "f", {}, found).size(), kMaxDialogues);
  EXPECT_EQ(found.size(), kMaxFindings);
}

}  // namespace
}  // namespace dramatis::persona
