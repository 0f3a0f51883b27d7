#include "base/random.h"

#include <set>

#include <gtest/gtest.h>

namespace dramatis {
namespace {

TEST(Rng, TheSameSeedGivesTheSameStream) {
  Rng a(7);
  Rng b(7);
  Rng other(8);
  EXPECT_EQ(a.next(), b.next());
  EXPECT_NE(a.next(), other.next());
}

TEST(Rng, ContinuesFromItsState) {
  Rng a(3);
  for (int n = 0; n < 10; ++n) (void)a.next();
  Rng b(99);
  b.set_state(a.state());
  EXPECT_EQ(a.next(), b.next());
}

TEST(Rng, BelowStaysBelowAndReachesEveryValue) {
  Rng rng(1);
  std::set<std::uint64_t> seen;
  for (int n = 0; n < 200; ++n) seen.insert(rng.below(6));
  EXPECT_EQ(seen, (std::set<std::uint64_t>{0, 1, 2, 3, 4, 5}));
}

TEST(Random, TwoSecretsDiffer) {
  EXPECT_NE(random_u64().value(), random_u64().value());
}

}  // namespace
}  // namespace dramatis
