#include "text/overlap.h"

#include <gtest/gtest.h>

namespace dramatis::text {
namespace {

TEST(Overlap, CountsSharedWords) {
  EXPECT_DOUBLE_EQ(overlap("The hammer, Bram!", "the HAMMER bram"), 1.0);
  EXPECT_DOUBLE_EQ(overlap("hammer", "bread"), 0.0);
  EXPECT_DOUBLE_EQ(overlap("", ""), 0.0);
  EXPECT_DOUBLE_EQ(overlap("hammer bread", "hammer iron"), 0.5);
}

}  // namespace
}  // namespace dramatis::text
