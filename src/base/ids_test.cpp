#include "base/ids.h"

#include <gtest/gtest.h>

namespace dramatis {
namespace {

TEST(Ids, PrintedOnesAreReadBack) {
  EXPECT_EQ(print_id(NpcId{0xabc}), "npc_0000000000000abc");
  EXPECT_EQ(parse_npc_id("npc_0000000000000abc"), NpcId{0xabc});
  EXPECT_EQ(parse_user_id(print_id(UserId{~0ULL})), UserId{~0ULL});
  EXPECT_EQ(parse_turn_id(print_id(TurnId{5})), TurnId{5});
  EXPECT_EQ(parse_conversation_id(print_id(ConversationId{6})), ConversationId{6});
  EXPECT_EQ(parse_conversation_id(print_id(TurnId{6})), std::nullopt);
}

TEST(Ids, AnotherKindOrShapeIsRefused) {
  for (const char* text :
       {"", "npc_", "usr_0000000000000abc", "npc_0000000000000ABC", "npc_0000000000000abcd",
        "npc_000000000000abc", "0000000000000abc", "npc_-000000000000abc"}) {
    EXPECT_FALSE(parse_npc_id(text)) << text;
  }
}

}  // namespace
}  // namespace dramatis
