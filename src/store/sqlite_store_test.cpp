#include "store/sqlite_store.h"

#include <atomic>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include "base/files.h"
#include "base/random.h"
#include "base/testing/scratch_folder.h"
#include "dialogue/testing/store_contract.h"
#include "store/default_path.h"

namespace dramatis::dialogue::testing {

INSTANTIATE_TEST_SUITE_P(Sqlite, StoreContract, ::testing::Values([]() -> std::unique_ptr<Store> {
                           static std::atomic<int> count = 0;
                           const auto path =
                               std::filesystem::path(::testing::TempDir()) /
                               fmt::format("contract-{}-{}.sqlite", ::getpid(), ++count);
                           for (const char* ending : {"", "-wal", "-shm"})
                             std::filesystem::remove(path.string() + ending);
                           auto opened = store::SqliteStore::open(path);
                           EXPECT_TRUE(opened) << opened.error().what;
                           return opened ? *std::move(opened) : nullptr;
                         }));

}  // namespace dramatis::dialogue::testing

namespace dramatis::store {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// A folder of one test's own.
class Database : public testing::Test {
 protected:
  void fill(int turns) {
    const auto store = SqliteStore::open(path_).value();
    ASSERT_TRUE(store->add_user({.id = UserId{1}, .name = "Alice"}));
    ASSERT_TRUE(store->add_npc({.id = NpcId{1}, .settings = {.character = "ida"}}));
    for (int n = 1; n <= turns; ++n) {
      ASSERT_TRUE(store->add_turn({.id = TurnId{static_cast<std::uint64_t>(n)},
                                   .pair = {NpcId{1}, UserId{1}},
                                   .message = "q",
                                   .reply = std::string(400, 'a')}));
    }
  }
  void run_sql(const char* sql) {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(path_.c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(database);
    sqlite3_close(database);
  }
  void write(std::string_view bytes) {
    fs::create_directories(path_.parent_path());
    std::ofstream(path_, std::ios::binary) << bytes;
  }
  [[nodiscard]] std::string bytes() const { return read_text_file(path_, 1 << 24).value(); }

  ScratchFolder scratch_;
  fs::path path_ = scratch_ / "deep/dramatis.sqlite";
};

TEST_F(Database, KeepsEverythingOverARestart) {
  fill(3);
  const auto store = SqliteStore::open(path_).value();
  EXPECT_EQ(store->newest_turns({NpcId{1}, UserId{1}}, 9)->size(), 3U);
  EXPECT_EQ(store->find_user_named("Alice")->id, UserId{1});
}

TEST_F(Database, IsForItsOwnersEyes) {
  fill(1);
  EXPECT_EQ(fs::status(path_).permissions() & fs::perms::all,
            fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(Database, TwoConnectionsSeeEachOthersTurns) {
  fill(1);
  const auto one = SqliteStore::open(path_).value();
  const auto two = SqliteStore::open(path_).value();
  ASSERT_TRUE(one->add_turn({.id = TurnId{50}, .pair = {NpcId{1}, UserId{1}}, .reply = "x"}));
  ASSERT_TRUE(two->add_turn({.id = TurnId{51}, .pair = {NpcId{1}, UserId{1}}, .reply = "y"}));
  EXPECT_EQ(one->newest_turns({NpcId{1}, UserId{1}}, 9)->size(), 3U);
}

TEST_F(Database, ANewerSchemaIsRefusedWithBothNumbers) {
  fill(1);
  run_sql("PRAGMA user_version = 99");
  const auto refused = SqliteStore::open(path_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(refused.error().what, HasSubstr("version 99, this Dramatis knows up to 1"));
}

TEST_F(Database, AnotherProgramsDatabaseIsLeftAsItIs) {
  fs::create_directories(path_.parent_path());
  run_sql("CREATE TABLE recipes (soup TEXT); INSERT INTO recipes VALUES ('leek')");
  const std::string before = bytes();
  const auto refused = SqliteStore::open(path_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kCorrupt);
  EXPECT_THAT(refused.error().what, HasSubstr("another program"));
  EXPECT_EQ(bytes(), before);
}

TEST_F(Database, AFileThatIsNoDatabaseIsLeftAsItIs) {
  for (const std::string& content :
       {std::string("My diary, do not touch.\n"), std::string(5000, '\xAB'),
        std::string("SQLite format 3\0", 16) + std::string(200, '\xFF')}) {
    write(content);
    const auto refused = SqliteStore::open(path_);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kCorrupt) << refused.error().what;
    EXPECT_EQ(bytes(), content);
  }
}

TEST_F(Database, AFolderInItsPlaceIsAnError) {
  fs::create_directories(path_);
  EXPECT_EQ(SqliteStore::open(path_).error().code, ErrorCode::kUnavailable);
}

TEST_F(Database, ATriggerThatSomebodyAddedIsRefused) {
  fill(1);
  run_sql("CREATE TRIGGER gone AFTER INSERT ON turns BEGIN DELETE FROM turns; END");
  const auto refused = SqliteStore::open(path_);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().what, HasSubstr("not those of version 1"));
}

TEST_F(Database, ATruncatedFileIsRefusedAndLeftAsItIs) {
  fill(60);
  run_sql("PRAGMA wal_checkpoint(TRUNCATE)");
  const std::string whole = bytes();
  ASSERT_GT(whole.size(), 20'000U);
  for (const std::size_t size :
       {whole.size() - 4096, whole.size() / 2, std::size_t{4096}, std::size_t{100}}) {
    for (const char* ending : {"-wal", "-shm"}) fs::remove(path_.string() + ending);
    write(std::string_view(whole).substr(0, size));
    const auto refused = SqliteStore::open(path_);
    ASSERT_FALSE(refused) << size;
    EXPECT_EQ(refused.error().code, ErrorCode::kCorrupt) << refused.error().what;
    EXPECT_EQ(bytes().size(), size);
  }
}

TEST_F(Database, DamagedPagesAreRefusedOrReadNeverACrash) {
  fill(60);
  run_sql("PRAGMA wal_checkpoint(TRUNCATE)");
  const std::string whole = bytes();
  Rng random(11);
  int refused = 0;
  for (int round = 0; round < 100; ++round) {
    for (const char* ending : {"-wal", "-shm"}) fs::remove(path_.string() + ending);
    std::string damaged = whole;
    for (int n = 0; n < 20; ++n)
      damaged[random.below(damaged.size())] = static_cast<char>(random.below(256));
    write(damaged);
    const auto store = SqliteStore::open(path_);
    if (!store) ++refused;
    if (store) (void)(*store)->newest_turns({NpcId{1}, UserId{1}}, 100);
  }
  EXPECT_GT(refused, 0);
}

TEST(DefaultPath, FollowsTheVariables) {
  EXPECT_EQ(default_path("/data", "/home/a").value(), "/data/dramatis/dramatis.sqlite");
  EXPECT_EQ(default_path("", "/home/a").value(), "/home/a/.local/share/dramatis/dramatis.sqlite");
  EXPECT_EQ(default_path("relative", "/home/a").value(),
            "/home/a/.local/share/dramatis/dramatis.sqlite");
  EXPECT_EQ(default_path("", "").error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace dramatis::store
