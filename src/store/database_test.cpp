#include "store/database.h"

#include <atomic>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include "accounts/testing/keys_contract.h"
#include "accounts/testing/notices_contract.h"
#include "arena/testing/store_contract.h"
#include "base/files.h"
#include "base/random.h"
#include "base/testing/scratch_folder.h"
#include "dialogue/testing/store_contract.h"
#include "store/default_path.h"
#include "store/internal/backend.h"
#include "store/testing/ledger.h"
#include "store/testing/owned_store.h"
#include "store/testing/parity.h"

namespace dramatis::store::testing {
namespace {

std::string new_path() {
  static std::atomic<int> count = 0;
  const auto path = std::filesystem::path(::testing::TempDir()) /
                    fmt::format("contract-{}-{}.sqlite", ::getpid(), ++count);
  for (const char* ending : {"", "-wal", "-shm"}) std::filesystem::remove(path.string() + ending);
  return path;
}

std::unique_ptr<dialogue::Store> new_store() {
  return open_owned(new_path());
}
std::unique_ptr<accounts::Keys> new_keys() {
  return open_owned_keys(new_path());
}

std::unique_ptr<accounts::Notices> new_notices() {
  return open_owned_notices(new_path());
}
std::unique_ptr<remote::SpendLedger> new_ledger() {
  return open_owned_ledger(new_path());
}

}  // namespace
INSTANTIATE_TEST_SUITE_P(Sqlite, Parity, ::testing::Values(new_store));
INSTANTIATE_TEST_SUITE_P(Sqlite, Ledger, ::testing::Values(new_ledger));
}  // namespace dramatis::store::testing

namespace dramatis::accounts::testing {
INSTANTIATE_TEST_SUITE_P(Sqlite, KeysContract, ::testing::Values(store::testing::new_keys));
INSTANTIATE_TEST_SUITE_P(Sqlite, NoticesContract, ::testing::Values(store::testing::new_notices));
}  // namespace dramatis::accounts::testing

namespace dramatis::arena::testing {
struct InSqlite : store::testing::ArenaMaker {
  InSqlite() : ArenaMaker(store::testing::new_path()) {}
};
INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, ArenaStore, InSqlite);
}  // namespace dramatis::arena::testing

namespace dramatis::dialogue::testing {
INSTANTIATE_TEST_SUITE_P(Sqlite, StoreContract, ::testing::Values(store::testing::new_store));
}  // namespace dramatis::dialogue::testing

namespace dramatis::store {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

// A folder of one test's own.
class SqliteFile : public ::testing::Test {
 protected:
  // One conversation with so many turns, in a database that is closed again.
  void fill(std::uint64_t turns) {
    const auto store = opened().value();
    ASSERT_TRUE(store->add_user({.id = UserId{1}, .name = "Alice"}));
    ASSERT_TRUE(store->add_npc({.id = NpcId{1}, .settings = {.character = "ida"}}));
    ASSERT_TRUE(store->begin({.id = kTalk, .pair = {NpcId{1}, UserId{1}}}, {}));
    for (std::uint64_t n = 1; n <= turns; ++n) ASSERT_TRUE(say(*store, n, n - 1));
  }
  static Status say(dialogue::Store& store, std::uint64_t n, std::uint64_t after,
                    const std::string& reply = std::string(400, 'a')) {
    return store.add_turn({.id = TurnId{n},
                           .conversation = kTalk,
                           .pair = {NpcId{1}, UserId{1}},
                           .message = "q",
                           .spoken = {.reply = reply}},
                          after == 0 ? std::nullopt : std::optional(TurnId{after}));
  }
  [[nodiscard]] Result<std::unique_ptr<dialogue::Store>> opened() const {
    DRAMATIS_TRY(auto database, open(path_.string()));
    return std::make_unique<store::testing::OwnedStore>(std::move(database));
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

  static constexpr ConversationId kTalk{1};
  ScratchFolder scratch_;
  fs::path path_ = scratch_ / "deep/dramatis.sqlite";
};

TEST_F(SqliteFile, KeepsEverythingOverARestart) {
  fill(3);
  const auto store = opened().value();
  EXPECT_EQ(store->newest_turns(kTalk, 9)->size(), 3U);
  EXPECT_EQ(store->find_user_named("Alice")->id, UserId{1});
}

TEST_F(SqliteFile, IsForItsOwnersEyes) {
  fill(1);
  EXPECT_EQ(fs::status(path_).permissions() & fs::perms::all,
            fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(SqliteFile, TwoConnectionsSeeEachOthersTurns) {
  fill(1);
  const auto one = opened().value();
  const auto two = opened().value();
  ASSERT_TRUE(say(*one, 50, 1));
  ASSERT_TRUE(say(*two, 51, 50));
  EXPECT_EQ(one->newest_turns(kTalk, 9)->size(), 3U);
}

// D10
TEST_F(SqliteFile, ANewerSchemaIsRefusedWithBothNumbers) {
  fill(1);
  run_sql("PRAGMA user_version = 99");
  const auto refused = opened();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(refused.error().what,
              HasSubstr(fmt::format("99, this Dramatis knows up to {}", newest_version())));
}

TEST_F(SqliteFile, AnotherProgramsDatabaseIsLeftAsItIs) {
  fs::create_directories(path_.parent_path());
  run_sql("CREATE TABLE recipes (soup TEXT); INSERT INTO recipes VALUES ('leek')");
  const std::string before = bytes();
  const auto refused = opened();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kCorrupt);
  EXPECT_THAT(refused.error().what, HasSubstr("another program"));
  EXPECT_EQ(bytes(), before);
}

// D6
TEST_F(SqliteFile, AFileThatIsNoDatabaseIsLeftAsItIs) {
  for (const std::string& content :
       {std::string("My diary, do not touch.\n"), std::string(5000, '\xAB'),
        std::string("SQLite format 3\0", 16) + std::string(200, '\xFF')}) {
    write(content);
    const auto refused = opened();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kCorrupt) << refused.error().what;
    EXPECT_EQ(bytes(), content);
  }
}

TEST_F(SqliteFile, AFolderInItsPlaceIsAnError) {
  fs::create_directories(path_);
  EXPECT_EQ(opened().error().code, ErrorCode::kUnavailable);
}

// D7
TEST_F(SqliteFile, ATriggerThatSomebodyAddedIsRefused) {
  fill(1);
  run_sql("CREATE TRIGGER gone AFTER INSERT ON turns BEGIN DELETE FROM turns; END");
  const auto refused = opened();
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().what,
              HasSubstr(fmt::format("not those of version {}", newest_version())));
}

// D6
TEST_F(SqliteFile, ATruncatedFileIsRefusedAndLeftAsItIs) {
  fill(60);
  run_sql("PRAGMA wal_checkpoint(TRUNCATE)");
  const std::string whole = bytes();
  ASSERT_GT(whole.size(), 20'000U);
  for (const std::size_t size :
       {whole.size() - 4096, whole.size() / 2, std::size_t{4096}, std::size_t{100}}) {
    for (const char* ending : {"-wal", "-shm"}) fs::remove(path_.string() + ending);
    write(std::string_view(whole).substr(0, size));
    const auto refused = opened();
    ASSERT_FALSE(refused) << size;
    EXPECT_EQ(refused.error().code, ErrorCode::kCorrupt) << refused.error().what;
    EXPECT_EQ(bytes().size(), size);
  }
}

// D6
TEST_F(SqliteFile, DamagedPagesAreRefusedOrReadNeverACrash) {
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
    const auto store = opened();
    if (!store) ++refused;
    if (store) (void)(*store)->newest_turns(kTalk, 100);
  }
  EXPECT_GT(refused, 0);
}

// What the first released version had written.
constexpr const char* kVersion1 = R"sql(
CREATE TABLE users (
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  id INTEGER NOT NULL UNIQUE,
  name TEXT NOT NULL UNIQUE,
  registered_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE npcs (
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  id INTEGER NOT NULL UNIQUE,
  character TEXT NOT NULL,
  world_description TEXT NOT NULL,
  character_description TEXT NOT NULL,
  scene TEXT NOT NULL,
  history_size INTEGER NOT NULL,
  has_scratchpad INTEGER,
  temperature REAL NOT NULL,
  max_tokens INTEGER NOT NULL,
  registered_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE turns (
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  id INTEGER NOT NULL UNIQUE,
  npc INTEGER NOT NULL REFERENCES npcs(id) ON DELETE CASCADE,
  user INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  message TEXT,
  reply TEXT NOT NULL,
  thoughts TEXT NOT NULL,
  key TEXT,
  at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX turns_of_pair ON turns(npc, user, place);
CREATE INDEX turns_of_user ON turns(user);
CREATE UNIQUE INDEX keys_of_pair ON turns(npc, user, key) WHERE key IS NOT NULL;
PRAGMA user_version = 1;
PRAGMA application_id = 0x4472616D;
INSERT INTO users VALUES (1, 11, 'Alice', 5), (4, 12, 'Bob', 6);
INSERT INTO npcs VALUES
  (2, -3, 'ida', '', '', 'Rain "here"', 4, 1, 0.25, 77, 7),
  (3, 22, '', 'A town', 'You are Iva', '', 10, NULL, 0.6, 200, 8);
INSERT INTO turns VALUES
  (5, 100, 22, 12, NULL, 'A penny.', '', NULL, 40),
  (6, 90, -3, 11, 'Who?', 'Ida.', 'Hm.', 'k', 41),
  (9, 80, 22, 12, 'Why?', 'So.', '', NULL, 42);
)sql";

TEST_F(SqliteFile, TheFirstVersionsTurnsBecomeConversations) {
  fs::create_directories(path_.parent_path());
  run_sql(kVersion1);
  const auto store = opened();
  ASSERT_TRUE(store) << store.error().what;
  const auto npcs = (*store)->list_npcs().value();
  ASSERT_EQ(npcs.size(), 2U);
  EXPECT_EQ(npcs[0].id, NpcId{static_cast<std::uint64_t>(-3)});
  EXPECT_EQ(npcs[0].settings, (dialogue::NpcSettings{.character = "ida",
                                                     .scene = "Rain \"here\"",
                                                     .history_size = 4,
                                                     .has_scratchpad = true,
                                                     .temperature = 0.25,
                                                     .max_tokens = 77}));
  EXPECT_EQ(npcs[1].settings, (dialogue::NpcSettings{.world_description = "A town",
                                                     .character_description = "You are Iva"}));
  const auto bobs = (*store)->current_conversation({NpcId{22}, UserId{12}}).value();
  ASSERT_TRUE(bobs);
  EXPECT_EQ(bobs->started, Instant{std::chrono::milliseconds(40)});
  const auto turns = (*store)->newest_turns(bobs->id, 9).value();
  ASSERT_EQ(turns.size(), 2U);
  EXPECT_EQ(turns[0].id, TurnId{100});
  EXPECT_EQ(turns[0].message, std::nullopt);
  EXPECT_EQ(turns[1].spoken.reply, "So.");
  EXPECT_EQ(turns[1].conversation, bobs->id);
  const auto keyed = (*store)->find_turn({npcs[0].id, UserId{11}}, "k").value();
  ASSERT_TRUE(keyed);
  EXPECT_EQ(keyed->spoken.thoughts, "Hm.");
  EXPECT_TRUE((*store)->remove_npc(NpcId{22}));
  EXPECT_FALSE((*store)->find_turn(TurnId{80}));
  EXPECT_TRUE(opened()) << "and once more";
}

// D10
TEST_F(SqliteFile, AMigrationThatFailsLeavesTheFirstVersion) {
  fs::create_directories(path_.parent_path());
  run_sql(kVersion1);
  run_sql("INSERT INTO turns VALUES (10, 81, 404, 12, 'q', 'of nobody', '', NULL, 43)");
  EXPECT_FALSE(opened());
  run_sql("UPDATE turns SET reply = 'b' WHERE npc = 404; DELETE FROM turns WHERE npc = 404");
  const auto store = opened();
  ASSERT_TRUE(store) << store.error().what;
  EXPECT_EQ((*store)->find_turn(TurnId{80})->spoken.reply, "So.");
}

// D17
TEST_F(SqliteFile, WhatWasRemovedIsNowhereInTheFiles) {
  const std::string canary = "canary-7f3a9c51";
  fill(3);
  const auto store = opened().value();
  ASSERT_TRUE(say(*store, 4, 3, canary + std::string(9000, 'x')));
  ASSERT_TRUE(store->add_alternative(TurnId{4}, {.reply = canary}));
  ASSERT_TRUE(store->add_user({.id = UserId{2}, .name = canary}));
  const auto is_on_disk = [&] {
    for (const auto& file : fs::directory_iterator(path_.parent_path())) {
      if (read_text_file(file.path(), 1 << 26).value().find(canary) != std::string::npos)
        return true;
    }
    return false;
  };
  EXPECT_TRUE(is_on_disk());
  ASSERT_TRUE(store->remove_conversation(kTalk));
  ASSERT_TRUE(store->remove_user(UserId{2}));
  EXPECT_FALSE(is_on_disk());
}

// D4
TEST_F(SqliteFile, AFullDiskRefusesATurnAndKeepsTheOthers) {
  fill(3);
  const auto database = open(path_.string()).value();
  auto& store = database->conversations();
  // The writer's own statement: no file of ours grows past it.
  ASSERT_TRUE(database->backend().change([](internal::Session& session) -> Status {
    DRAMATIS_DO(session.run("PRAGMA max_page_count = 1"));
    return {};
  }));
  Status last{};
  std::uint64_t n = 4;
  for (; n < 400 && last; ++n) last = say(store, n, n - 1);
  ASSERT_FALSE(last);
  EXPECT_EQ(last.error().code, ErrorCode::kUnavailable) << last.error().what;
  EXPECT_EQ(store.newest_turns(kTalk, 1000)->size(), n - 2);
  ASSERT_TRUE(database->backend().change([](internal::Session& session) -> Status {
    DRAMATIS_DO(session.run("PRAGMA max_page_count = 1000000"));
    return {};
  }));
  EXPECT_TRUE(say(store, n, n - 2)) << "room again, without a restart";
}

// D8
TEST_F(SqliteFile, AFileThatSomebodyHoldsRefusesAllWhoWait) {
  fill(1);
  const auto database = open(path_.string()).value();
  auto& store = database->conversations();
  ASSERT_TRUE(database->backend().change([](internal::Session& session) -> Status {
    DRAMATIS_DO(session.run("PRAGMA busy_timeout = 20"));
    return {};
  }));
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(path_.c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  std::atomic<int> refused = 0;
  {
    std::vector<std::jthread> writers;
    for (std::uint64_t n = 0; n < 8; ++n) {
      writers.emplace_back([&store, &refused, n] {
        const auto said = say(store, 10 + n, 1);
        if (!said && said.error().code == ErrorCode::kUnavailable) ++refused;
      });
    }
  }
  EXPECT_EQ(refused, 8);
  EXPECT_EQ(store.newest_turns(kTalk, 9)->size(), 1U) << "readers go on";
  sqlite3_close(other);
  EXPECT_TRUE(say(store, 2, 1));
}

// Each writer hears of his own work alone.
TEST_F(SqliteFile, OneThatFailsInAGroupFailsAlone) {
  fill(0);
  const auto store = opened().value();
  for (std::uint64_t n = 0; n < 16; ++n)
    ASSERT_TRUE(store->begin({.id = ConversationId{100 + n}, .pair = {NpcId{1}, UserId{1}}}, {}));
  std::atomic<int> wrong = 0;
  std::vector<std::jthread> writers;
  for (std::uint64_t w = 0; w < 16; ++w) {
    writers.emplace_back([&, w] {
      for (std::uint64_t n = 1; n <= 20; ++n) {
        const dialogue::Turn turn{.id = TurnId{w * 1000 + n},
                                  .conversation = ConversationId{100 + w},
                                  .pair = {NpcId{1}, UserId{1}},
                                  .spoken = {.reply = "a"}};
        const auto after = n == 1 ? std::nullopt : std::optional(TurnId{w * 1000 + n - 1});
        if (!store->add_turn(turn, after)) ++wrong;
        const auto twice = store->add_turn(turn, turn.id);
        if (twice || twice.error().code != ErrorCode::kConflict) ++wrong;
      }
    });
  }
  writers.clear();
  EXPECT_EQ(wrong, 0);
  for (std::uint64_t w = 0; w < 16; ++w)
    EXPECT_EQ(store->newest_turns(ConversationId{100 + w}, 99)->size(), 20U);
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

namespace dramatis::store {
namespace {

TEST(Address, SaysWhichDatabaseIsMeant) {
  EXPECT_EQ(parse_address("a/b.sqlite")->path, "a/b.sqlite");
  EXPECT_EQ(parse_address("sqlite:/x y")->path, "/x y");
  const auto full =
      parse_address("postgresql://ann:s%40cret@db.example:5433/tavern?sslmode=require");
  ASSERT_TRUE(full);
  EXPECT_EQ(full->kind, Kind::kPostgres);
  EXPECT_EQ(full->shown, "postgresql://ann@db.example:5433/tavern");
  for (const char* wrong : {"", "sqlite:", "mysql://a/b", "http://x"})
    EXPECT_EQ(parse_address(wrong).error().code, ErrorCode::kInvalidArgument) << wrong;
}

TEST(Address, NoErrorShowsAPassword) {
  for (const char* wrong : {"postgresql://ann:hush@host:hush/db", "postgresql://ann:hu%zzsh@h/db",
                            "postgresql://ann:hush@h/db?hush=1", "postgresql://ann:hush@[::1/db"}) {
    const auto refused = parse_address(wrong);
    ASSERT_FALSE(refused) << wrong;
    EXPECT_THAT(refused.error().what, ::testing::Not(::testing::HasSubstr("hush")));
  }
  // Nothing listens in that folder.
  const auto absent = open("postgresql://ann:hush@%2Fnonexistent/db");
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(absent.error().what, ::testing::Not(::testing::HasSubstr("hush")));
}

}  // namespace
}  // namespace dramatis::store
