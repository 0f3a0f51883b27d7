// Files that somebody else has changed, replaced or taken away.
#include <cstdlib>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "base/testing/scratch_folder.h"
#include "store/copy.h"
#include "store/database.h"
#include "store/internal/backend.h"
#include "store/testing/faulty_disk.h"

namespace dramatis::store {
namespace {

namespace fs = std::filesystem;

constexpr dialogue::Pair kPair{.npc = NpcId{1}, .user = UserId{1}};
constexpr ConversationId kTalk{5};

class HostileFile : public ::testing::Test {
 protected:
  [[nodiscard]] fs::path path(std::string_view name) const { return scratch_ / name; }
  // A database with so many turns.
  [[nodiscard]] std::unique_ptr<Database> made(const fs::path& file, std::uint64_t turns) const {
    auto database = open(file.string()).value();
    auto& store = database->conversations();
    EXPECT_TRUE(store.add_user({.id = kPair.user, .name = "Alice"}));
    EXPECT_TRUE(store.add_npc({.id = kPair.npc, .settings = {.character = "ida"}}));
    EXPECT_TRUE(store.begin({.id = kTalk, .pair = kPair}, {}));
    for (std::uint64_t n = 1; n <= turns; ++n) EXPECT_TRUE(say(*database, n));
    return database;
  }
  static Status say(Database& database, std::uint64_t n) {
    return database.conversations().add_turn(
        {.id = TurnId{n},
         .conversation = kTalk,
         .pair = kPair,
         .message = "q",
         .spoken = {.reply = std::string(500, static_cast<char>('a' + n % 26))}},
        n == 1 ? std::nullopt : std::optional(TurnId{n - 1}));
  }
  static std::size_t turns_in(Database& database) {
    return database.conversations().newest_turns(kTalk, 1000).value().size();
  }
  // What a process that is killed leaves of a database that is open.
  void copy_open(std::string_view from, std::string_view to) const {
    for (const char* part : {"", "-wal"})
      fs::copy_file(path(from).string() + part, path(to).string() + part);
  }

  ScratchFolder scratch_;
};

// D6
TEST_F(HostileFile, WithoutAByteIsANewOne) {
  scratch_.write("a.sqlite", "");
  EXPECT_TRUE(open(path("a.sqlite").string()));
}

// D6
TEST_F(HostileFile, AnIndexOfTheLogThatIsRubbishIsMadeAnew) {
  const auto database = made(path("a.sqlite"), 20);
  copy_open("a.sqlite", "b.sqlite");
  scratch_.write("b.sqlite-shm", std::string(32 * 1024, '\xA5'));
  const auto again = open(path("b.sqlite").string());
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_EQ(turns_in(**again), 20U);
}

// D6
TEST_F(HostileFile, TheLogOfAnotherDatabaseIsRefusedOrReadNeverACrash) {
  const auto one = made(path("a.sqlite"), 3);
  const auto other = made(path("b.sqlite"), 40);
  copy_open("a.sqlite", "c.sqlite");
  fs::copy_file(path("b.sqlite-wal"), path("c.sqlite-wal"), fs::copy_options::overwrite_existing);
  const auto opened = open(path("c.sqlite").string());
  if (opened) {
    EXPECT_TRUE(check(**opened));
  } else {
    EXPECT_EQ(opened.error().code, ErrorCode::kCorrupt) << opened.error().what;
  }
}

// D6: what was in it is gone, and what is left is whole.
TEST_F(HostileFile, WithoutItsLogHoldsWhatWasMovedIntoIt) {
  made(path("a.sqlite"), 4).reset();
  const auto database = open(path("a.sqlite").string()).value();
  for (std::uint64_t n = 5; n <= 9; ++n) ASSERT_TRUE(say(*database, n));
  copy_open("a.sqlite", "b.sqlite");
  fs::remove(path("b.sqlite-wal"));
  const auto again = open(path("b.sqlite").string()).value();
  EXPECT_EQ(turns_in(*again), 4U);
  EXPECT_TRUE(check(*again)->empty());
}

// D8: nobody would find what is written into a file without a name.
TEST_F(HostileFile, TakenAwayRefusesTurnsUntilItIsBack) {
  const fs::path folder = path("data");
  fs::create_directory(folder);
  const auto database = made(folder / "a.sqlite", 3);
  fs::rename(folder, path("elsewhere"));
  const auto refused = say(*database, 4);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(refused.error().what, ::testing::HasSubstr("the database is gone"));
  EXPECT_FALSE(fs::exists(folder)) << "no empty one is made in its place";
  fs::rename(path("elsewhere"), folder);
  EXPECT_TRUE(say(*database, 4)) << "without a restart";
  EXPECT_EQ(turns_in(*database), 4U);
}

// D8: a backup that was copied over the file, for one.
TEST_F(HostileFile, ReplacedIsTheOneThatCounts) {
  const auto database = made(path("a.sqlite"), 3);
  made(path("b.sqlite"), 7).reset();
  EXPECT_EQ(turns_in(*database), 3U);
  fs::remove(path("a.sqlite-wal"));
  fs::remove(path("a.sqlite-shm"));
  fs::rename(path("b.sqlite"), path("a.sqlite"));
  EXPECT_TRUE(say(*database, 8));
  EXPECT_EQ(turns_in(*database), 8U) << "readers see it too";
}

// D9: a backup of somebody's that never ends, for one.
TEST_F(HostileFile, ALogThatAReaderHoldsHasABound) {
  if (std::getenv("DRAMATIS_SOAK") == nullptr) GTEST_SKIP() << "a log of 256 MiB is for a soak";
  testing::FaultyDisk disk;  // which never waits
  const auto database = made(path("a.sqlite"), 1);
  ASSERT_TRUE(database->backend().change([](internal::Session& session) -> Status {
    return session.run("PRAGMA busy_timeout = 1").map([](const internal::Answer& /*rows*/) {});
  }));
  sqlite3* reader = nullptr;
  ASSERT_EQ(sqlite3_open(path("a.sqlite").c_str(), &reader), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(reader, "BEGIN; SELECT count(*) FROM users", nullptr, nullptr, nullptr),
            SQLITE_OK);
  auto& store = database->conversations();
  std::uint64_t n = 2;
  Status last{};
  for (; n < 60 && last; ++n) {
    last = store.add_turn({.id = TurnId{n},
                           .conversation = kTalk,
                           .pair = kPair,
                           .spoken = {.reply = std::string(15 << 20, 'r')}},
                          TurnId{n - 1});
  }
  ASSERT_FALSE(last) << "it grows for ever";
  EXPECT_EQ(last.error().code, ErrorCode::kUnavailable) << last.error().what;
  EXPECT_LT(fs::file_size(path("a.sqlite-wal")), 300U << 20);
  sqlite3_close(reader);
  static_cast<void>(say(*database, n));  // perhaps too soon: the log is emptied after it
  const auto newest = store.newest_turns(kTalk, 1).value().back().id;
  EXPECT_TRUE(store.add_turn(
      {.id = TurnId{1000}, .conversation = kTalk, .pair = kPair, .spoken = {.reply = "a"}},
      newest));
}

// D8
TEST_F(HostileFile, AFolderThatCannotBeWrittenToIsSaid) {
  scratch_.write("file", "no folder");
  const auto refused = open((path("file") / "a.sqlite").string());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace dramatis::store
