#include "dataset/folder_archive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing/scratch_folder.h"

// Upon which the suite stands.
#include "dataset/testing/archive_contract.h"

namespace dramatis::dataset::testing {
namespace {

class FolderPlace final : public ArchivePlace {
 public:
  std::unique_ptr<Archive> worker(std::chrono::milliseconds /*lease*/) override {
    return std::make_unique<FolderArchive>(folder_ / "made");
  }

 private:
  ScratchFolder folder_;
};

}  // namespace

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(SharedArchiveContract);
INSTANTIATE_TEST_SUITE_P(Folder, ArchiveContract,
                         ::testing::Values([] { return std::make_unique<FolderPlace>(); }));

TEST(FolderArchives, AreOpenInOneProcessAtATime) {
  const ScratchFolder folder;
  FolderArchive one(folder.path()), two(folder.path());
  const StepKey key{.character = "ida", .step = "exchanges"};
  const auto book = one.open(key, {.recipe = "r", .count = 1});
  ASSERT_TRUE(book);
  const auto other = two.open(key, {.recipe = "r", .count = 1});
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::kConflict);
  EXPECT_THAT(other.error().what, ::testing::HasSubstr("another process"));
}

TEST(FolderArchives, RefuseRecordsThatNameNoItem) {
  const ScratchFolder folder;
  folder.write("ida.exchanges.jsonl", "{\"recipe\":\"r\"}\n{\"said\":\"a\"}\n");
  FolderArchive archive(folder.path());
  const auto book =
      archive.open({.character = "ida", .step = "exchanges"}, {.recipe = "r", .count = 1});
  ASSERT_FALSE(book);
  EXPECT_EQ(book.error().code, ErrorCode::kCorrupt);
}

}  // namespace dramatis::dataset::testing
