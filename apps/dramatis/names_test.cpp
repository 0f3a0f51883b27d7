#include "names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dramatis::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::vector<Named> kCast{{"sarah-miller", "Sarah Miller"},
                               {"orlando-marlo", "Orlando Marlo"},
                               {"maren-tolk", "Maren Tolk"},
                               {"maren", "Maren"}};

TEST(FindNamed, TakesIdsNamesAndUniqueBeginningsInAnyCase) {
  for (const char* typed : {"orlando-marlo", "Orlando Marlo", "ORLANDO", "marlo", "orl",
                            "  orlando  ", "orlando-m", "orlando_marlo"}) {
    EXPECT_EQ(find_named(typed, kCast).value(), 1U) << typed;
  }
}

TEST(FindNamed, WholeNameBeatsTheBeginningOfAnother) {
  EXPECT_EQ(find_named("maren", kCast).value(), 3U);
}

TEST(FindNamed, SaysWhichOnesItMayMean) {
  const auto found = find_named("mar", kCast);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().what,
            "'mar' may mean orlando-marlo or maren-tolk or maren; give more of the name.");
}

TEST(FindNamed, SuggestsTheNearest) {
  EXPECT_THAT(find_named("orlnado", kCast).error().what, HasSubstr("did you mean orlando"));
  EXPECT_EQ(find_named("orlnado", kCast).error().code, ErrorCode::kNotFound);
}

TEST(FindNamed, ListsAllWhereNothingIsNear) {
  EXPECT_THAT(find_named("zzz", kCast).error().what, HasSubstr("sarah-miller, orlando-marlo"));
  EXPECT_FALSE(find_named("", kCast));
  EXPECT_FALSE(find_named("--", kCast));
}

TEST(FindNamed, ShowsNoControlCharacters) {
  EXPECT_THAT(find_named("\x1b[2J", kCast).error().what, testing::Not(HasSubstr("\x1b")));
}

TEST(NearestNames, SwappedLettersAreOneMistake) {
  const std::vector<std::string> names{"model", "port", "host"};
  EXPECT_THAT(nearest_names("modle", names, 3), ElementsAre("model"));
  EXPECT_THAT(nearest_names("temperature", names, 3), IsEmpty());
  EXPECT_THAT(nearest_names(std::string(10'000, 'a'), names, 3), IsEmpty());
}

}  // namespace
}  // namespace dramatis::app
