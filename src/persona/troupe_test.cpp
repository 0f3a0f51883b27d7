#include "persona/troupe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "persona/cast.h"

namespace dramatis::persona {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(Troupe, ReadsWhoMayCome) {
  std::vector<Finding> found;
  const auto troupe = parse_troupe(
      "world: tarn\ninterlocutors:\n  - name: Old Beth\n    role: goose girl, retired\n"
      "    manner: [deaf, merry]\n",
      "tarn/troupe.yaml", "tarn", found);
  EXPECT_THAT(troupe.interlocutors,
              ElementsAre(Interlocutor{
                  .name = "Old Beth", .role = "goose girl, retired", .manner = {"deaf", "merry"}}));
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].severity, Severity::kWarning);
  EXPECT_THAT(found[0].what, HasSubstr("only 1"));
}

TEST(Troupe, TellsWhatIsWrong) {
  std::vector<Finding> found;
  (void)parse_troupe(
      "world: weir\ninterlocutors:\n  - {name: Beth, role: girl, manner: [a, b, c, d]}\n"
      "  - {name: Beth, rol: girl, manner: [shy]}\n",
      "tarn/troupe.yaml", "tarn", found);
  std::string all;
  for (const auto& finding : found) all += print(finding) + "\n";
  EXPECT_THAT(all, HasSubstr("the world is 'weir'"));
  EXPECT_THAT(all, HasSubstr("4 words say"));
  EXPECT_THAT(all, HasSubstr("'Beth' comes twice"));
  EXPECT_THAT(all, HasSubstr("rol"));
}

TEST(Troupe, StandsBesideEveryWorldOfTheCast) {
  const auto cast = load_cast(std::filesystem::path(DRAMATIS_SOURCE_DIR) / "cast").value();
  ASSERT_EQ(cast.troupes.size(), cast.worlds.size());
  std::vector<std::string> names;
  for (const auto& troupe : cast.troupes) {
    EXPECT_GE(troupe.interlocutors.size(), kFewInterlocutors) << troupe.world;
    for (const auto& one : troupe.interlocutors) names.push_back(one.name);
  }
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
  EXPECT_EQ(cast.find_troupe("luminaria")->world, "luminaria");
  EXPECT_EQ(cast.find_troupe("nowhere"), nullptr);
}

}  // namespace
}  // namespace dramatis::persona
