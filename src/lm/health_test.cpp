#include "lm/health.h"

#include <gtest/gtest.h>

namespace dramatis::lm {
namespace {

TEST(Health, AModelCanBeAskedWhereOneOfItsPlacesCan) {
  EXPECT_TRUE(can_be_asked({}));
  std::vector<EndpointHealth> places{{.name = "a", .state = EndpointState::kDown},
                                     {.name = "b", .state = EndpointState::kDown}};
  EXPECT_FALSE(can_be_asked(places));
  places[1].state = EndpointState::kHalfOpen;
  EXPECT_TRUE(can_be_asked(places));
  EXPECT_EQ(state_name(places[1].state), "half_open");
}

}  // namespace
}  // namespace dramatis::lm
