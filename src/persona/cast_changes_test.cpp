#include "persona/cast_changes.h"

#include <gtest/gtest.h>

#include "persona/limits.h"

namespace dramatis::persona {
namespace {

Member member_of(const std::string& id, const std::string& name) {
  return {.sheet = {.id = id, .name = name}};
}

TEST(CastChanges, TheCastTellsWhatWasSavedLast) {
  Cast cast{.worlds = {{.id = "a", .name = "A"}}, .members = {member_of("x", "First")}};
  cast.changes = std::make_shared<CastChanges>();
  const Member* before = cast.find_member("x");
  ASSERT_TRUE(cast.changes->put(member_of("x", "Second")));
  ASSERT_TRUE(cast.changes->put(member_of("y", "New")));
  ASSERT_TRUE(cast.changes->put(World{.id = "b", .name = "B"}));
  EXPECT_EQ(before->sheet.name, "First") << "a turn under way reads on";
  EXPECT_EQ(cast.find_member("x")->sheet.name, "Second");
  EXPECT_EQ(cast.find_member("y")->sheet.name, "New");
  EXPECT_EQ(cast.find_world("b")->name, "B");
  const auto members = cast.members_now();
  ASSERT_EQ(members.size(), 2u);
  EXPECT_EQ(members[0]->sheet.name, "Second");
  EXPECT_EQ(members[1]->sheet.name, "New");
  EXPECT_EQ(cast.worlds_now().size(), 2u);
}

TEST(CastChanges, AreBounded) {
  CastChanges changes;
  for (std::size_t n = 0; n < kMaxCastChanges; ++n) ASSERT_TRUE(changes.put(member_of("x", "X")));
  EXPECT_EQ(changes.put(member_of("x", "X")).error().code, ErrorCode::kOverBudget);
  EXPECT_NE(changes.find_member("x"), nullptr);
}

}  // namespace
}  // namespace dramatis::persona
