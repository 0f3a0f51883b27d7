#include <gtest/gtest.h>

#include "base/testing/scratch_folder.h"
#include "store/copy.h"
#include "store/database.h"
#include "store/limits.h"
#include "store/testing/sql_place.h"

namespace dramatis::store::testing {
namespace {

class FilePlace final : private ScratchFolder, public SqlPlace {
 public:
  FilePlace() : SqlPlace((static_cast<const ScratchFolder&>(*this) / "a.sqlite").string()) {}
};

TEST(Archives, HaveAName) {
  const ScratchFolder folder;
  const auto database = open((folder / "a.sqlite").string()).value();
  EXPECT_EQ(database->archive({}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(database->archive({.run = std::string(kMaxRunNameBytes + 1, 'x')}).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_TRUE(database->archive({.run = "knights"}));
}

TEST(Archives, MoveWithTheirDatabase) {
  const ScratchFolder folder;
  const auto from = open((folder / "a.sqlite").string()).value();
  const auto to = open((folder / "b.sqlite").string()).value();
  const dataset::StepKey key{.character = "ida", .step = "exchanges"};
  const auto archive = from->archive({.run = "knights"}).value();
  const auto book = archive->open(key, {.recipe = "r", .count = 2}).value();
  ASSERT_EQ(book->claim()->item, 0U);
  ASSERT_TRUE(book->keep(0, {{"item", 0}, {"said", "a"}}));
  ASSERT_TRUE(archive->till()->begin({}));
  ASSERT_TRUE(copy(*from, *to, Over::kEmpty, {}, {}));
  const auto moved = to->archive({.run = "knights"}).value();
  EXPECT_EQ(moved->read(key).value(), archive->read(key).value());
  EXPECT_EQ(moved->spent({})->requests, 1U);
  const auto rest = moved->open(key, {.recipe = "r", .count = 3}).value();
  EXPECT_EQ(rest->claim()->item, 1U);
  EXPECT_TRUE(moved->open({.character = "tom", .step = "exchanges"}, {.recipe = "r", .count = 1}));
  EXPECT_TRUE(to->archive({.run = "new"}).value()->add_talks("ida", {{{"talk", "a"}}}));
}

}  // namespace
}  // namespace dramatis::store::testing

namespace dramatis::dataset::testing {
INSTANTIATE_TEST_SUITE_P(Sqlite, ArchiveContract, ::testing::Values([] {
                           return std::make_unique<store::testing::FilePlace>();
                         }));
INSTANTIATE_TEST_SUITE_P(Sqlite, SharedArchiveContract, ::testing::Values([] {
                           return std::make_unique<store::testing::FilePlace>();
                         }));
}  // namespace dramatis::dataset::testing
