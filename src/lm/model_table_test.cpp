#include "lm/model_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lm/testing/scripted_model.h"

namespace dramatis::lm {
namespace {

class StageHealth final : public HealthSource {
 public:
  std::vector<EndpointHealth> health() const override { return places; }
  std::vector<EndpointHealth> places;
};

TEST(ModelTable, FindsByNameAndGivesTheFirstToWhoNamesNone) {
  testing::ScriptedModel small({}), big({});
  const ModelTable table({{.name = "small", .model = &small}, {.name = "big", .model = &big}});
  EXPECT_EQ(table.find("big").value()->model, &big);
  EXPECT_EQ(table.find("").value()->model, &small);
  const auto none = table.find("bog");
  EXPECT_EQ(none.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(none.error().what, ::testing::HasSubstr("'bog'; there are small, big"));
}

TEST(ModelTable, AnswersWhereOnePlaceOfEachModelDoes) {
  testing::ScriptedModel small({}), big({});
  StageHealth health;
  const ModelTable table(
      {{.name = "small", .model = &small}, {.name = "big", .model = &big, .health = &health}});
  EXPECT_FALSE(table.all_answer());
  health.places = {{.name = "a", .state = EndpointState::kDown},
                   {.name = "b", .state = EndpointState::kHalfOpen}};
  EXPECT_TRUE(table.all_answer());
  EXPECT_EQ(state_name(health.places[1].state), "half_open");
}

}  // namespace
}  // namespace dramatis::lm
