#include "arena/folder_store.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "arena/testing/memory_store.h"
#include "arena/testing/store_contract.h"
#include "base/testing/scratch_folder.h"

namespace dramatis::arena {
namespace testing {
namespace {

class InMemory {
 public:
  Store& store() { return store_; }
  Store& reopened() { return store_; }

 private:
  MemoryStore store_;
};

class InFolder {
 public:
  Store& store() {
    store_.reset();  // it died
    store_ = FolderStore::open(folder_ / "talks").value();
    return *store_;
  }
  Store& reopened() { return store(); }

 private:
  ScratchFolder folder_;
  std::unique_ptr<FolderStore> store_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(InMemory, ArenaStore, InMemory);
INSTANTIATE_TYPED_TEST_SUITE_P(InFolder, ArenaStore, InFolder);

}  // namespace
}  // namespace testing

namespace {

using ::testing::HasSubstr;

TEST(FolderStore, AKillTearsOneLineAtMost) {
  const ScratchFolder folder;
  const Talk talk = testing::talk_of(3);
  const auto store = FolderStore::open(folder.path()).value();
  ASSERT_TRUE(store->add_talk(talk));
  ASSERT_TRUE(store->add_line(talk.id, 0, testing::line_of(0, "One.")));
  std::ofstream(folder / (print_id(talk.id) + ".jsonl"), std::ios::app) << R"({"speaker":1,"te)";
  EXPECT_EQ(store->find_talk(talk.id)->lines.size(), 1U);
  ASSERT_TRUE(store->add_line(talk.id, 1, testing::line_of(1, "Two.")));
  EXPECT_EQ(store->find_talk(talk.id)->lines.at(1).text, "Two.");
}

TEST(FolderStore, WhatIsNoTalkNamesFileAndLine) {
  const ScratchFolder folder;
  auto store = FolderStore::open(folder.path()).value();
  folder.write("talk_0000000000000007.jsonl", "{}\nno json\n");
  const auto broken = store->find_talk(TalkId{7});
  EXPECT_EQ(broken.error().code, ErrorCode::kCorrupt);
  EXPECT_THAT(broken.error().what, HasSubstr("talk_0000000000000007.jsonl, line 2"));
  folder.write("talk_0000000000000007.jsonl", "{}\n");
  EXPECT_EQ(store->find_talk(TalkId{7}).error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(FolderStore::open(folder.path()).error().code, ErrorCode::kConflict);
  store.reset();
  folder.write("players.jsonl", "{\"npc\":1}\n");
  EXPECT_EQ(FolderStore::open(folder.path()).error().code, ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace dramatis::arena
