// The store on PostgreSQL: the suites that every store passes, and several servers at once.
#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "accounts/testing/keys_contract.h"
#include "accounts/testing/notices_contract.h"
#include "arena/testing/store_contract.h"
#include "cluster.h"
#include "dialogue/testing/store_contract.h"
#include "store/backup.h"
#include "store/testing/killed.h"
#include "store/testing/ledger.h"
#include "store/testing/owned_store.h"
#include "store/testing/parity.h"
#include "store/testing/sql_place.h"

namespace dramatis {
namespace {

std::unique_ptr<dialogue::Store> new_store() {
  Cluster* cluster = Cluster::get();
  return store::testing::open_owned(cluster->address(cluster->make_database()));
}

std::unique_ptr<accounts::Keys> new_keys() {
  Cluster* cluster = Cluster::get();
  return store::testing::open_owned_keys(cluster->address(cluster->make_database()));
}

std::unique_ptr<accounts::Notices> new_notices() {
  Cluster* cluster = Cluster::get();
  return store::testing::open_owned_notices(cluster->address(cluster->make_database()));
}

std::unique_ptr<remote::SpendLedger> new_ledger() {
  Cluster* cluster = Cluster::get();
  return store::testing::open_owned_ledger(cluster->address(cluster->make_database()));
}

// Where there is no PostgreSQL, the suites have no members.
std::vector<std::function<std::unique_ptr<dialogue::Store>()>> makers() {
  if (Cluster::get() == nullptr) return {};
  return {new_store};
}
std::vector<std::function<std::unique_ptr<accounts::Keys>()>> key_makers() {
  if (Cluster::get() == nullptr) return {};
  return {new_keys};
}
std::vector<std::function<std::unique_ptr<accounts::Notices>()>> notice_makers() {
  if (Cluster::get() == nullptr) return {};
  return {new_notices};
}
std::vector<std::function<std::unique_ptr<remote::SpendLedger>()>> ledger_makers() {
  if (Cluster::get() == nullptr) return {};
  return {new_ledger};
}

std::unique_ptr<dataset::testing::ArchivePlace> new_place() {
  Cluster* cluster = Cluster::get();
  return std::make_unique<store::testing::SqlPlace>(cluster->address(cluster->make_database()));
}
std::vector<dataset::testing::MakePlace> place_makers() {
  if (Cluster::get() == nullptr) return {};
  return {new_place};
}

}  // namespace

namespace dataset::testing {
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ArchiveContract);
INSTANTIATE_TEST_SUITE_P(Postgres, ArchiveContract, ::testing::ValuesIn(place_makers()));
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(SharedArchiveContract);
INSTANTIATE_TEST_SUITE_P(Postgres, SharedArchiveContract, ::testing::ValuesIn(place_makers()));
}  // namespace dataset::testing

namespace dialogue::testing {
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(StoreContract);
INSTANTIATE_TEST_SUITE_P(Postgres, StoreContract, ::testing::ValuesIn(makers()));
}  // namespace dialogue::testing

namespace arena::testing {
struct InPostgres : store::testing::ArenaMaker {
  InPostgres()
      : ArenaMaker(is_there() ? Cluster::get()->address(Cluster::get()->make_database()) : "") {}
  [[nodiscard]] static bool is_there() { return Cluster::get() != nullptr; }
};
INSTANTIATE_TYPED_TEST_SUITE_P(Postgres, ArenaStore, InPostgres);
}  // namespace arena::testing

namespace accounts::testing {
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(KeysContract);
INSTANTIATE_TEST_SUITE_P(Postgres, KeysContract, ::testing::ValuesIn(key_makers()));
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(NoticesContract);
INSTANTIATE_TEST_SUITE_P(Postgres, NoticesContract, ::testing::ValuesIn(notice_makers()));
}  // namespace accounts::testing

namespace store::testing {
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Parity);
INSTANTIATE_TEST_SUITE_P(Postgres, Parity, ::testing::ValuesIn(makers()));
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Ledger);
INSTANTIATE_TEST_SUITE_P(Postgres, Ledger, ::testing::ValuesIn(ledger_makers()));
}  // namespace store::testing

namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Postgres : public ::testing::Test {
 protected:
  void SetUp() override {
    cluster_ = Cluster::get();
    if (cluster_ == nullptr) GTEST_SKIP() << "there is no PostgreSQL here";
    name_ = cluster_->make_database();
  }
  [[nodiscard]] Result<std::unique_ptr<store::Database>> opened() const {
    return store::open(cluster_->address(name_));
  }

  Cluster* cluster_ = nullptr;
  std::string name_;
};

TEST_F(Postgres, ServersThatStartTogetherMakeTheTablesOnce) {
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> servers;
    for (int n = 0; n < 6; ++n) {
      servers.emplace_back([&] {
        const auto database = opened();
        if (!database || !(*database)->conversations().list_users()) ++wrong;
      });
    }
  }
  EXPECT_EQ(wrong, 0);
}

TEST_F(Postgres, AnyServerSeesWhatAnotherHasStored) {
  const auto one = opened().value();
  const auto two = opened().value();
  ASSERT_TRUE(one->conversations().add_user({.id = UserId{1}, .name = "Alice"}));
  ASSERT_TRUE(two->conversations().add_npc({.id = NpcId{1}}));
  ASSERT_TRUE(
      one->conversations().begin({.id = ConversationId{1}, .pair = {NpcId{1}, UserId{1}}}, {}));
  dialogue::Turn turn{.id = TurnId{1}, .conversation = ConversationId{1}};
  ASSERT_TRUE(two->conversations().add_turn(turn, {}));
  EXPECT_EQ(one->conversations()
                .add_turn({.id = TurnId{2}, .conversation = ConversationId{1}}, {})
                .error()
                .code,
            ErrorCode::kConflict);
}

TEST_F(Postgres, NamesakesOfSeveralServersGetNumbersOfTheirOwn) {
  std::vector<std::unique_ptr<store::Database>> servers;
  for (int n = 0; n < 3; ++n) servers.push_back(opened().value());
  {
    std::vector<std::jthread> threads;
    for (std::uint64_t n = 0; n < 12; ++n) {
      threads.emplace_back([&servers, n] {
        EXPECT_TRUE(servers[n % 3]->conversations().add_user({.id = UserId{n}, .name = "Alice"}));
      });
    }
  }
  EXPECT_EQ(servers[0]->conversations().list_users()->size(), 12U);
  EXPECT_TRUE(servers[1]->conversations().find_user_named("Alice_11"));
}

TEST_F(Postgres, OneConversationOfAPairIsCurrentHoweverManyBegin) {
  const auto database = opened().value();
  auto& store = database->conversations();
  const dialogue::Pair pair{NpcId{1}, UserId{1}};
  ASSERT_TRUE(store.add_user({.id = pair.user, .name = "Alice"}));
  ASSERT_TRUE(store.add_npc({.id = pair.npc}));
  {
    std::vector<std::jthread> threads;
    for (std::uint64_t n = 1; n <= 8; ++n) {
      threads.emplace_back([&store, pair, n] {
        EXPECT_TRUE(store.begin({.id = ConversationId{n}, .pair = pair}, {}));
        EXPECT_TRUE(store.make_current(ConversationId{n}));
      });
    }
  }
  EXPECT_TRUE(store.current_conversation(pair).value());
  EXPECT_EQ(store.list_conversations({.count = 99})->size(), 8U);
}

TEST_F(Postgres, ALimitHoldsAcrossServers) {
  std::vector<std::unique_ptr<store::Database>> servers;
  for (int n = 0; n < 3; ++n) servers.push_back(opened().value());
  const accounts::Key key{.id = accounts::KeyId{1}, .role = accounts::Role::kWriter, .digest = "d"};
  ASSERT_TRUE(servers[0]->keys().add(key));
  const accounts::Spending one{
      .meter = accounts::Meter::kRequests,
      .window = accounts::window_of(accounts::Meter::kRequests, Instant{std::chrono::hours(1)}),
      .amount = 1,
      .limit = 20};
  std::atomic<int> granted = 0;
  {
    std::vector<std::jthread> callers;
    for (std::size_t n = 0; n < 12; ++n) {
      callers.emplace_back([&, n] {
        for (int k = 0; k < 5; ++k) {
          const auto allowed = servers[n % 3]->keys().spend(key.id, one);
          ASSERT_TRUE(allowed) << allowed.error().what;
          if (allowed->granted == accounts::Granted::kYes) ++granted;
        }
      });
    }
  }
  EXPECT_EQ(granted, 20) << "of sixty requests";
}

TEST_F(Postgres, WhatIsNotOursIsRefused) {
  cluster_->run_sql(name_, "CREATE SCHEMA dramatis; CREATE TABLE dramatis.recipes (soup text)");
  EXPECT_THAT(opened().error().what, HasSubstr("another program"));
  const auto latin = cluster_->make_database("ENCODING 'SQL_ASCII'");
  const auto refused = store::open(cluster_->address(latin));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kCorrupt);
  EXPECT_THAT(refused.error().what, HasSubstr("UTF-8"));
}

// D10
TEST_F(Postgres, ANewerSchemaIsRefusedWithBothNumbers) {
  ASSERT_TRUE(opened());
  cluster_->run_sql(name_, "INSERT INTO dramatis.version VALUES (99)");
  const auto refused = opened();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(refused.error().what, HasSubstr("version 99, this Dramatis knows up to"));
}

TEST_F(Postgres, APasswordOpensAndIsNeverShown) {
  cluster_->run_sql("postgres", "DROP DATABASE IF EXISTS secret");
  cluster_->run_sql("postgres", "DROP ROLE IF EXISTS ann");
  cluster_->run_sql("postgres", "CREATE ROLE ann LOGIN PASSWORD 'hush hush'");
  cluster_->run_sql("postgres", "CREATE DATABASE secret TEMPLATE template0 OWNER ann");
  const auto url = [this](const char* password) {
    return "postgresql://ann" + std::string(password) + "@/secret?host=" + cluster_->folder();
  };
  EXPECT_TRUE(store::open(url(":hush%20hush")));
  const auto refused = store::open(url(":hus%20hus"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(refused.error().what, Not(HasSubstr("hus hus")));
  EXPECT_THAT(refused.error().what, Not(HasSubstr("hus%20hus")));
  EXPECT_FALSE(store::open(url("")));
  ::setenv("PGPASSWORD", "hush hush", 1);
  EXPECT_TRUE(store::open(url("")));
  ::unsetenv("PGPASSWORD");
}

// The same conversation, wherever it lies.
void expect_alike(store::Database& one, store::Database& two) {
  EXPECT_EQ(store::count(one).value(), store::count(two).value());
  auto& from = one.conversations();
  auto& to = two.conversations();
  EXPECT_EQ(from.list_users().value(), to.list_users().value());
  EXPECT_EQ(from.list_npcs().value(), to.list_npcs().value());
  const auto talks = from.list_conversations({.count = 99}).value();
  EXPECT_EQ(talks, to.list_conversations({.count = 99}).value());
  EXPECT_EQ(one.talks().find_talk(arena::TalkId{3}).value(),
            two.talks().find_talk(arena::TalkId{3}).value());
  EXPECT_EQ(one.talks().player_of(NpcId{~0ULL}).value(), UserId{1});
  EXPECT_EQ(two.talks().player_of(NpcId{~0ULL}).value(), UserId{1});
  for (const auto& talk : talks) {
    const auto turns = from.newest_turns(talk.id, 999).value();
    EXPECT_EQ(turns, to.newest_turns(talk.id, 999).value());
    for (const auto& turn : turns)
      EXPECT_EQ(from.list_alternatives(turn.id).value(), to.list_alternatives(turn.id).value());
  }
}

TEST_F(Postgres, EverythingMovesThereAndBackAndIntoABackup) {
  const ScratchFolder scratch;
  const auto sqlite = store::open((scratch / "a.sqlite").string()).value();
  auto& store = sqlite->conversations();
  const dialogue::Pair pair{NpcId{~0ULL}, UserId{1}};
  ASSERT_TRUE(store.add_user({.id = pair.user, .name = "Alice"}));
  ASSERT_TRUE(store.add_npc({.id = pair.npc, .settings = {.character = "ida", .min_p = 0.1}}));
  ASSERT_TRUE(store.begin(
      {.id = ConversationId{1}, .pair = pair, .scene = {.place = "The weir"}, .note = "é"}, {}));
  for (std::uint64_t n = 1; n <= 300; ++n) {
    ASSERT_TRUE(
        store.add_turn({.id = TurnId{n},
                        .conversation = ConversationId{1},
                        .message = n % 2 == 0 ? std::optional<std::string>("q") : std::nullopt,
                        .spoken = {.reply = fmt::format("a{}", n)},
                        .key = n % 3 == 0 ? fmt::format("k{}", n) : ""},
                       n == 1 ? std::nullopt : std::optional(TurnId{n - 1})));
  }
  ASSERT_TRUE(store.add_alternative(TurnId{7}, {.reply = "b", .account = dialogue::Account{}}));
  ASSERT_TRUE(
      store.begin({.id = ConversationId{2}, .pair = pair, .branched_after = TurnId{9}}, {}));
  ASSERT_TRUE(sqlite->talks().keep_player(pair.npc, pair.user));
  ASSERT_TRUE(sqlite->talks().add_talk(arena::testing::talk_of(3)));
  ASSERT_TRUE(
      sqlite->talks().add_line(arena::TalkId{3}, 0, arena::testing::line_of(0, "A penny.")));

  const auto there = opened().value();
  ASSERT_TRUE(store::copy(*sqlite, *there, store::Over::kEmpty, {}));
  expect_alike(*sqlite, *there);
  EXPECT_TRUE(store::check(*there)->empty());
  EXPECT_EQ(store::copy(*sqlite, *there, store::Over::kEmpty, {}).error().code,
            ErrorCode::kConflict);
  ASSERT_TRUE(store::copy(*sqlite, *there, store::Over::kEverything, {}));
  ASSERT_TRUE(there->conversations().add_turn(
      {.id = TurnId{301}, .conversation = ConversationId{1}}, TurnId{300}))
      << "new places come after the old";

  const auto written = store::backup(*there, scratch / "b.sqlite", {});
  ASSERT_TRUE(written) << written.error().what;
  const auto back = store::open((scratch / "c.sqlite").string()).value();
  ASSERT_TRUE(store::restore(scratch / "b.sqlite", *back, store::Over::kEmpty, {}));
  expect_alike(*there, *back);
  ASSERT_TRUE(store::restore(scratch / "b.sqlite", *there, store::Over::kEverything, {}));
  expect_alike(*there, *back);
}

// D1
TEST_F(Postgres, KillNineLosesNothingAcknowledged) {
  // A transaction that the killed one sent whole is carried out, perhaps after it was looked for.
  store::testing::kill_and_look(cluster_->address(name_), 10,
                                [this] { cluster_->wait_until_unused(name_); });
}

}  // namespace
}  // namespace dramatis
