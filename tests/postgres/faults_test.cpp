// PostgreSQL that breaks off, gets in its own way, or answers too late.
#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/check.h"
#include "cluster.h"
#include "store/database.h"
#include "store/internal/backend.h"

namespace dramatis {
namespace {

using store::internal::Session;

// Stands between us and the server, and loses what it is told to.
class Between {
 public:
  enum class Loses { kNothing, kCommit, kAnswerToCommit };

  explicit Between(const std::string& server) : server_(server + "/.s.PGSQL.5432") {
    listening_ = make_socket();
    const auto here = address_of(folder_ / ".s.PGSQL.5432");
    DRAMATIS_CHECK(::bind(listening_, reinterpret_cast<const sockaddr*>(&here), sizeof here) == 0);
    DRAMATIS_CHECK(::listen(listening_, 16) == 0);
    accepting_ = std::thread([this] { accept_all(); });
  }
  Between(const Between&) = delete;
  Between& operator=(const Between&) = delete;
  ~Between() {
    ends_ = true;
    ::shutdown(listening_, SHUT_RDWR);
    accepting_.join();
    for (auto& thread : carrying_) thread.join();
    ::close(listening_);
  }
  [[nodiscard]] std::string folder() const { return folder_.path(); }
  // The next commit that passes; once.
  void lose(Loses what) { loses_ = what; }
  [[nodiscard]] bool has_lost() const { return loses_ == Loses::kNothing; }

 private:
  static int make_socket() { return ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0); }
  static sockaddr_un address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    DRAMATIS_CHECK(path.size() < sizeof address.sun_path);
    std::ranges::copy(path, address.sun_path);
    return address;
  }
  void accept_all() {
    while (!ends_) {
      const int client = ::accept(listening_, nullptr, nullptr);
      if (client < 0) continue;
      const int server = make_socket();
      const auto there = address_of(server_);
      if (::connect(server, reinterpret_cast<const sockaddr*>(&there), sizeof there) != 0) {
        ::close(client);
        ::close(server);
        continue;
      }
      carrying_.emplace_back([this, client, server] {
        carry(client, server);
        ::close(client);
        ::close(server);
      });
    }
  }
  // Carries bytes both ways until somebody closes or something is lost.
  void carry(int client, int server) {
    std::array<pollfd, 2> ends{pollfd{client, POLLIN, 0}, pollfd{server, POLLIN, 0}};
    bool drops_answer = false;
    std::array<char, 65536> bytes{};
    while (!ends_) {
      if (::poll(ends.data(), ends.size(), 50) <= 0) continue;
      for (std::size_t n = 0; n < 2; ++n) {
        if (ends[n].revents == 0) continue;
        const auto got = ::read(ends[n].fd, bytes.data(), bytes.size());
        if (got <= 0 || (n == 1 && drops_answer)) return;
        const std::string_view seen(bytes.data(), static_cast<std::size_t>(got));
        if (n == 0 && seen.find("COMMIT") != std::string_view::npos) {
          const Loses now = loses_.exchange(Loses::kNothing);
          if (now == Loses::kCommit) return;
          drops_answer = now == Loses::kAnswerToCommit;
        }
        if (::send(ends[1 - n].fd, seen.data(), seen.size(), MSG_NOSIGNAL) < 0) return;
      }
    }
  }

  ScratchFolder folder_;
  std::string server_;
  int listening_ = -1;
  std::atomic<bool> ends_ = false;
  std::atomic<Loses> loses_ = Loses::kNothing;
  std::thread accepting_;
  std::vector<std::thread> carrying_;
};

constexpr dialogue::Pair kPair{.npc = NpcId{1}, .user = UserId{1}};
constexpr ConversationId kTalk{1};

class Faults : public ::testing::Test {
 protected:
  void SetUp() override {
    cluster_ = Cluster::get();
    if (cluster_ == nullptr) GTEST_SKIP() << "there is no PostgreSQL here";
    name_ = cluster_->make_database();
    between_.emplace(cluster_->folder());
    database_ = store::open(cluster_->address(name_, between_->folder())).value();
    ASSERT_TRUE(store().add_user({.id = kPair.user, .name = "Alice"}));
    ASSERT_TRUE(store().add_npc({.id = kPair.npc}));
    ASSERT_TRUE(store().begin({.id = kTalk, .pair = kPair}, {}));
  }
  void TearDown() override {
    database_.reset();
    between_.reset();
  }
  dialogue::Store& store() { return database_->conversations(); }
  Status say(std::uint64_t n) {
    return store().add_turn({.id = TurnId{n},
                             .conversation = kTalk,
                             .pair = kPair,
                             .spoken = {.reply = "a"},
                             .key = fmt::format("k{}", n)},
                            n == 1 ? std::nullopt : std::optional(TurnId{n - 1}));
  }
  std::size_t turns() { return store().newest_turns(kTalk, 99)->size(); }

  Cluster* cluster_ = nullptr;
  std::string name_;
  std::optional<Between> between_;
  std::unique_ptr<store::Database> database_;
};

// D11
TEST_F(Faults, ATurnWhoseAnswerIsLostIsThereOnce) {
  ASSERT_TRUE(say(1));
  between_->lose(Between::Loses::kAnswerToCommit);
  const auto added = say(2);
  EXPECT_TRUE(between_->has_lost());
  ASSERT_TRUE(added) << added.error().what;
  EXPECT_EQ(turns(), 2U);
  EXPECT_TRUE(say(3));
}

// D11
TEST_F(Faults, ATurnWhoseCommitNeverArrivedIsStoredOnce) {
  between_->lose(Between::Loses::kCommit);
  const auto added = say(1);
  EXPECT_TRUE(between_->has_lost());
  ASSERT_TRUE(added) << added.error().what;
  EXPECT_EQ(turns(), 1U);
}

TEST_F(Faults, OtherChangesWhoseAnswerIsLostAreDoneOnce) {
  const auto lose = [this] { between_->lose(Between::Loses::kAnswerToCommit); };
  ASSERT_TRUE(say(1));
  ASSERT_TRUE(say(2));
  lose();
  EXPECT_EQ(store().add_user({.id = UserId{2}, .name = "Alice"})->name, "Alice_1");
  lose();
  EXPECT_TRUE(store().add_npc({.id = NpcId{2}}));
  lose();
  EXPECT_EQ(store().add_alternative(TurnId{2}, {.reply = "b"})->alternatives, 2U);
  lose();
  EXPECT_EQ(store().remove_turns_from(TurnId{2}).value(), 1U);
  lose();
  EXPECT_EQ(store().remove_turns(kTalk).value(), 1U);
  lose();
  EXPECT_TRUE(store().begin({.id = ConversationId{2}, .pair = kPair}, {}));
  lose();
  EXPECT_TRUE(store().remove_conversation(ConversationId{2}));
  lose();
  EXPECT_TRUE(store().remove_user(UserId{2}));
  EXPECT_TRUE(between_->has_lost());
  EXPECT_EQ(store().list_users()->size(), 1U);
  EXPECT_EQ(store().list_npcs()->size(), 2U);
  EXPECT_EQ(store().current_conversation(kPair).value()->id, kTalk);
}

// D12
TEST_F(Faults, AServerThatIsGoneIsUnavailableAndComesBack) {
  ASSERT_TRUE(say(1));
  cluster_->stop();
  for (int n = 0; n < 3; ++n) EXPECT_EQ(say(2).error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(store().find_user(kPair.user).error().code, ErrorCode::kUnavailable);
  cluster_->start();
  // One answer may still come from before; none after it.
  if (!say(2)) {
    ASSERT_TRUE(say(2));
  }
  EXPECT_EQ(turns(), 2U);
}

// D12
TEST_F(Faults, WhoeverIsInTheWayIsTriedAgain) {
  int tries = 0;
  const auto done = database_->backend().change([&](Session& session) -> Status {
    if (++tries < 3) {
      DRAMATIS_DO(session.run("DO $$BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40001'; END$$"));
    }
    return {};
  });
  EXPECT_TRUE(done);
  EXPECT_EQ(tries, 3);
  tries = 0;
  const auto never = database_->backend().change([&](Session& session) -> Status {
    ++tries;
    DRAMATIS_DO(session.run("DO $$BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40P01'; END$$"));
    return {};
  });
  EXPECT_EQ(never.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(tries, 4) << "the first and three more";
}

// D12
TEST_F(Faults, OtherTroublesAreToldAndNotTriedAgain) {
  for (const char* sql : {"DO $$BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '57014'; END$$",
                          "DO $$BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '53300'; END$$",
                          "DO $$BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '53100'; END$$",
                          "DO $$BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '57P03'; END$$",
                          "DO $$BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '08006'; END$$"}) {
    int tries = 0;
    const auto done = database_->backend().change([&](Session& session) -> Status {
      ++tries;
      DRAMATIS_DO(session.run(sql));
      return {};
    });
    ASSERT_FALSE(done) << sql;
    EXPECT_EQ(done.error().code, ErrorCode::kUnavailable) << sql;
    EXPECT_EQ(tries, 1) << sql;
  }
}

TEST_F(Faults, TwoThatHoldWhatTheOtherWantsBothGetThrough) {
  ASSERT_TRUE(store().add_user({.id = UserId{2}, .name = "Bob"}));
  const auto hold = [](Session& session, std::int64_t id) -> Status {
    DRAMATIS_DO(session.run("SELECT 1 FROM users WHERE id = ?1" DRAMATIS_STORE_HOLD, {id}));
    return {};
  };
  std::atomic<int> holding = 0;
  std::vector<std::thread> both;
  for (const std::int64_t first : {1, 2}) {
    both.emplace_back([&, first] {
      bool is_first_try = true;
      EXPECT_TRUE(database_->backend().change([&](Session& session) -> Status {
        DRAMATIS_DO(hold(session, first));
        ++holding;
        while (is_first_try && holding < 2) std::this_thread::yield();
        is_first_try = false;
        return hold(session, 3 - first);
      }));
    });
  }
  for (auto& thread : both) thread.join();
}

// D13: What a statement that was cut off would have answered never reaches the next caller.
TEST_F(Faults, NobodyHearsTheAnswerToAnothersQuestion) {
  std::vector<std::thread> threads;
  for (std::int64_t n = 0; n < 4; ++n) {
    threads.emplace_back([this, n] {
      for (std::int64_t k = 0; k < 50; ++k) {
        const std::int64_t mark = n * 1000 + k;
        const auto sleep = [](Session& session) -> Status {
          DRAMATIS_DO(session.run("SET LOCAL statement_timeout = 1"));
          DRAMATIS_DO(session.run("SELECT 666::bigint, pg_sleep(0.01)"));
          return {};
        };
        (void)database_->backend().read(sleep, store::internal::Sight::kOneState);
        const auto heard = store::internal::read(
            database_->backend(), [&](Session& session) -> Result<std::int64_t> {
              DRAMATIS_TRY(const auto answer, session.run("SELECT ?1::bigint", {mark}));
              return store::internal::integer(answer.rows.at(0).at(0));
            });
        ASSERT_TRUE(heard) << heard.error().what;
        ASSERT_EQ(*heard, mark);
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace dramatis
