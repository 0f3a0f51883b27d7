#include "store/backup.h"

#include <atomic>
#include <fstream>
#include <set>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "base/files.h"
#include "base/random.h"
#include "base/testing/scratch_folder.h"
#include "store/internal/file_digest.h"

namespace dramatis::store {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr dialogue::Pair kPair{.npc = NpcId{1}, .user = UserId{1}};

class Backup : public ::testing::Test {
 protected:
  [[nodiscard]] std::string path(std::string_view name) const { return scratch_ / name; }
  [[nodiscard]] std::unique_ptr<Database> opened(std::string_view name) const {
    return open(path(name)).value();
  }
  // A player, an NPC, and a conversation for each of `writers`.
  static void people(Database& database, std::uint64_t writers) {
    auto& store = database.conversations();
    ASSERT_TRUE(store.add_user({.id = kPair.user, .name = "Alice"}));
    ASSERT_TRUE(store.add_npc({.id = kPair.npc, .settings = {.character = "ida"}}));
    for (std::uint64_t n = 1; n <= writers; ++n)
      ASSERT_TRUE(store.begin({.id = ConversationId{n}, .pair = kPair}, {}));
  }
  static Status say(Database& database, std::uint64_t writer, std::uint64_t n) {
    return database.conversations().add_turn(
        {.id = TurnId{writer * 100'000 + n},
         .conversation = ConversationId{writer},
         .pair = kPair,
         .message = "q",
         .spoken = {.reply = fmt::format("{} {}", n, std::string(500, 'r'))}},
        n == 1 ? std::nullopt : std::optional(TurnId{writer * 100'000 + n - 1}));
  }
  void flip(const fs::path& file, std::uint64_t at) const {
    std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekg(static_cast<std::streamoff>(at));
    const int byte = bytes.get();
    bytes.seekp(static_cast<std::streamoff>(at));
    bytes.put(static_cast<char>(byte ^ 1));
  }
  void run_sql(const fs::path& file, const char* sql) const {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(file.c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(database);
    sqlite3_close(database);
  }

  ScratchFolder scratch_;
};

// D18
TEST_F(Backup, IsOneMomentWhileWritersGoOn) {
  constexpr std::uint64_t kWriters = 4;
  const auto database = opened("a.sqlite");
  people(*database, kWriters);
  std::atomic<bool> ends = false;
  std::atomic<std::uint64_t> said = 0;
  std::vector<std::thread> writers;
  for (std::uint64_t w = 1; w <= kWriters; ++w) {
    writers.emplace_back([&, w] {
      for (std::uint64_t n = 1; !ends; ++n) {
        ASSERT_TRUE(say(*database, w, n));
        ++said;
      }
    });
  }
  while (said < 200) std::this_thread::yield();
  const auto before = said.load();
  const auto written = backup(*database, path("b.sqlite"), {});
  ends = true;
  for (auto& writer : writers) writer.join();
  ASSERT_TRUE(written) << written.error().what;
  EXPECT_GE(written->at(3).rows, before) << "what was acknowledged before is in it";

  const auto again = opened("c.sqlite");
  ASSERT_TRUE(restore(path("b.sqlite"), *again, Over::kEmpty, {}));
  EXPECT_TRUE(check(*again)->empty());
  EXPECT_EQ(count(*again).value(), *written);
  for (std::uint64_t w = 1; w <= kWriters; ++w) {
    const auto turns = again->conversations().newest_turns(ConversationId{w}, 100'000).value();
    for (std::size_t n = 0; n < turns.size(); ++n)
      ASSERT_EQ(turns[n].id, TurnId{w * 100'000 + n + 1}) << "no gap";
  }
}

TEST_F(Backup, IsOneFileForItsOwnersEyes) {
  const auto database = opened("a.sqlite");
  people(*database, 1);
  ASSERT_TRUE(backup(*database, path("b.sqlite"), {}));
  EXPECT_EQ(fs::status(path("b.sqlite")).permissions() & fs::perms::all,
            fs::perms::owner_read | fs::perms::owner_write);
  std::set<std::string> files;
  for (const auto& file : fs::directory_iterator(scratch_.path()))
    if (file.path().filename().string().starts_with("b")) files.insert(file.path().filename());
  EXPECT_EQ(files, (std::set<std::string>{"b.sqlite", "b.sqlite.sha256"}));
  EXPECT_EQ(read_text_file(path("b.sqlite.sha256"), 1000).value(),
            internal::file_digest(path("b.sqlite")).value() + "  b.sqlite\n");
}

TEST_F(Backup, NeverReplacesAFile) {
  const auto database = opened("a.sqlite");
  scratch_.write("mine", "a diary");
  EXPECT_EQ(backup(*database, path("mine"), {}).error().code, ErrorCode::kConflict);
  EXPECT_EQ(read_text_file(path("mine"), 99).value(), "a diary");
  EXPECT_FALSE(backup(*database, path("no/such/folder/b"), {}));
}

// D18
TEST_F(Backup, OneFlippedByteIsRefused) {
  const auto database = opened("a.sqlite");
  people(*database, 1);
  for (std::uint64_t n = 1; n <= 20; ++n) ASSERT_TRUE(say(*database, 1, n));
  ASSERT_TRUE(backup(*database, path("b.sqlite"), {}));
  const auto target = opened("c.sqlite");
  Rng random(4);
  for (int round = 0; round < 20; ++round) {
    const auto at = random.below(fs::file_size(path("b.sqlite")));
    flip(path("b.sqlite"), at);
    const auto refused = restore(path("b.sqlite"), *target, Over::kEmpty, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kCorrupt);
    flip(path("b.sqlite"), at);
  }
  EXPECT_EQ(count(*target)->front().rows, 0U);
  EXPECT_TRUE(restore(path("b.sqlite"), *target, Over::kEmpty, {}));
}

TEST_F(Backup, WithoutItsChecksumIsRefused) {
  const auto database = opened("a.sqlite");
  ASSERT_TRUE(backup(*database, path("b.sqlite"), {}));
  fs::remove(path("b.sqlite.sha256"));
  EXPECT_EQ(restore(path("b.sqlite"), *database, Over::kEmpty, {}).error().code,
            ErrorCode::kNotFound);
  scratch_.write("b.sqlite.sha256", "abc\n");
  EXPECT_EQ(restore(path("b.sqlite"), *database, Over::kEmpty, {}).error().code,
            ErrorCode::kCorrupt);
}

TEST_F(Backup, RestoringReplacesNothingUnlessItIsTold) {
  const auto database = opened("a.sqlite");
  people(*database, 2);
  ASSERT_TRUE(say(*database, 1, 1));
  ASSERT_TRUE(say(*database, 2, 1));
  ASSERT_TRUE(database->conversations().add_alternative(TurnId{200'001}, {.reply = "other"}));
  ASSERT_TRUE(backup(*database, path("b.sqlite"), {}));
  ASSERT_TRUE(say(*database, 1, 2));
  const auto refused = restore(path("b.sqlite"), *database, Over::kEmpty, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
  EXPECT_THAT(refused.error().what, HasSubstr("1 players, 1 NPCs and 3 turns"));
  EXPECT_TRUE(database->conversations().find_turn(TurnId{100'002}));
  ASSERT_TRUE(restore(path("b.sqlite"), *database, Over::kEverything, {}));
  EXPECT_FALSE(database->conversations().find_turn(TurnId{100'002}));
  EXPECT_EQ(database->conversations().list_alternatives(TurnId{200'001})->size(), 2U);
  EXPECT_TRUE(say(*database, 1, 2)) << "and life goes on";
}

// D7
TEST_F(Backup, OfSomebodyElsesMakingIsRefused) {
  const auto database = opened("a.sqlite");
  people(*database, 1);
  ASSERT_TRUE(backup(*database, path("b.sqlite"), {}));
  run_sql(path("b.sqlite"),
          "CREATE TRIGGER gone AFTER INSERT ON users BEGIN DELETE FROM users; END");
  scratch_.write("b.sqlite.sha256", internal::file_digest(path("b.sqlite")).value() + "  b\n");
  EXPECT_EQ(restore(path("b.sqlite"), *opened("c.sqlite"), Over::kEmpty, {}).error().code,
            ErrorCode::kCorrupt);
}

TEST_F(Backup, TellsHowFarItIs) {
  const auto database = opened("a.sqlite");
  people(*database, 1);
  for (std::uint64_t n = 1; n <= 300; ++n) ASSERT_TRUE(say(*database, 1, n));
  std::vector<TableCount> heard;
  const auto target = opened("c.sqlite");
  ASSERT_TRUE(copy(*database, *target, Over::kEmpty,
                   [&heard](const TableCount& so_far) { heard.push_back(so_far); }));
  EXPECT_EQ(heard,
            (std::vector<TableCount>{
                {"users", 1}, {"npcs", 1}, {"conversations", 1}, {"turns", 256}, {"turns", 300}}));
}

TEST_F(Backup, StoppedLeavesNothing) {
  const auto database = opened("a.sqlite");
  people(*database, 1);
  for (std::uint64_t n = 1; n <= 300; ++n) ASSERT_TRUE(say(*database, 1, n));
  std::stop_source stop;
  const auto leave = [&stop](const TableCount& /*so_far*/) { stop.request_stop(); };
  const auto target = opened("c.sqlite");
  EXPECT_EQ(copy(*database, *target, Over::kEmpty, leave, stop.get_token()).error().code,
            ErrorCode::kCancelled);
  EXPECT_EQ(count(*target)->front().rows, 0U);
  EXPECT_EQ(backup(*database, path("b.sqlite"), {}, stop.get_token()).error().code,
            ErrorCode::kCancelled);
  for (const auto& file : fs::directory_iterator(scratch_.path()))
    EXPECT_FALSE(file.path().filename().string().starts_with("b") ||
                 file.path().filename().string().starts_with("."))
        << file.path();
}

TEST_F(Backup, CheckingSaysWhatIsWrong) {
  const auto database = opened("a.sqlite");
  people(*database, 2);
  ASSERT_TRUE(say(*database, 1, 1));
  EXPECT_TRUE(check(*database)->empty());
  run_sql(path("a.sqlite"),
          "UPDATE conversations SET is_current = 0; UPDATE turns SET chosen = 3, npc = 7");
  EXPECT_EQ(check(*database)->size(), 3U);
}

}  // namespace
}  // namespace dramatis::store
