// Processes that store turn after turn until they are killed, and what must be there afterwards;
// for every database alike.
#pragma once

#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/random.h"
#include "store/database.h"

namespace dramatis::store::testing {

// Writers of one process, each in a conversation of its own.
constexpr std::uint64_t kWriters = 8;
constexpr std::uint64_t kNumbers = 1'000'000;  // turn ids of one writer

inline dialogue::Turn turn_number(std::uint64_t writer, std::uint64_t n) {
  return {.id = TurnId{writer * kNumbers + n},
          .conversation = ConversationId{writer + 1},
          .pair = {.npc = NpcId{1}, .user = UserId{1}},
          .message = fmt::format("question {}", n),
          .spoken = {.reply = fmt::format("{} {}", n, std::string(n * 37 % 9000, 'r')),
                     .thoughts = fmt::format("thought {}", n)},
          .key = fmt::format("key-{}-{}", writer, n)};
}

// The helper process: each writer stores turn after turn and acknowledges each, until all are
// killed. `first` holds each writer's first number.
[[noreturn]] inline void write_turns(const std::string& address,
                                     const std::array<std::uint64_t, kWriters>& first,
                                     int to_parent) {
  const auto database = open(address);
  if (!database) _exit(3);
  std::vector<std::thread> writers;
  for (std::uint64_t writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      for (std::uint64_t n = first[writer];; ++n) {
        const auto after = n == 1 ? std::nullopt : std::optional(turn_number(writer, n - 1).id);
        const auto added = (*database)->conversations().add_turn(turn_number(writer, n), after);
        if (!added) {
          fmt::print(stderr, "turn {} of writer {}: {}\n", n, writer, added.error().what);
          _exit(4);
        }
        const std::uint64_t told = writer * kNumbers + n;
        if (::write(to_parent, &told, sizeof told) != sizeof told) _exit(5);
      }
    });
  }
  for (auto& writer : writers) writer.join();
  _exit(6);
}

// Reads acknowledgements until `wanted` have come, kills the helper, reads what is left in the
// pipe. Returns the last number of each writer.
inline std::array<std::uint64_t, kWriters> kill_after(pid_t helper, int from_helper,
                                                      std::uint64_t wanted, std::uint64_t spins) {
  std::array<std::uint64_t, kWriters> last{};
  std::uint64_t told = 0;
  for (std::uint64_t count = 0; ::read(from_helper, &told, sizeof told) == sizeof told;) {
    last[told / kNumbers] = told % kNumbers;
    if (++count != wanted) continue;
    // A turn takes some hundred microseconds: the blow falls anywhere in the next one.
    std::atomic<std::uint64_t> spin = 0;
    while (spin.fetch_add(1) < spins) continue;
    ::kill(helper, SIGKILL);
  }
  return last;
}

// DRAMATIS_KILL_ROUNDS, or a few.
inline int kill_rounds() {
  const char* asked = std::getenv("DRAMATIS_KILL_ROUNDS");
  return asked == nullptr ? 5 : std::atoi(asked);
}

// Acknowledged turns are there, once, whole and in order; at most one of each writer was stored
// without having been acknowledged. Returns each writer's next number.
inline void check_kept(Database& database, std::array<std::uint64_t, kWriters>& next,
                       const std::array<std::uint64_t, kWriters>& acknowledged) {
  for (std::uint64_t writer = 0; writer < kWriters; ++writer) {
    const auto kept =
        database.conversations().newest_turns(ConversationId{writer + 1}, 100'000).value();
    const std::uint64_t least = std::max(acknowledged[writer], next[writer] - 1);
    ASSERT_GE(kept.size(), least) << "an acknowledged turn is lost";
    ASSERT_LE(kept.size(), least + 1)
        << "only the turn under way may have been stored unacknowledged";
    for (std::size_t n = next[writer] - 1; n < kept.size(); ++n)
      ASSERT_EQ(kept[n], turn_number(writer, n + 1));
    next[writer] = kept.size() + 1;
  }
}

// The whole test, on the empty database at `address`. `settle` returns when nothing works for the
// killed any more: a database server may still be at the turn that it was asked for last.
inline void kill_and_look(
    const std::string& address, std::uint64_t seed, const std::function<void()>& settle = [] {}) {
  {
    const auto database = open(address).value();
    auto& store = database->conversations();
    ASSERT_TRUE(store.add_user({.id = UserId{1}, .name = "Alice"}));
    ASSERT_TRUE(store.add_npc({.id = NpcId{1}, .settings = {.character = "ida"}}));
    for (std::uint64_t n = 1; n <= kWriters; ++n)
      ASSERT_TRUE(store.begin({.id = ConversationId{n}, .pair = {NpcId{1}, UserId{1}}}, {}));
  }
  Rng random(seed);
  std::array<std::uint64_t, kWriters> next{};
  next.fill(1);
  for (int round = 0; round < kill_rounds(); ++round) {
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe(pipe.data()), 0);
    const pid_t helper = ::fork();
    ASSERT_GE(helper, 0);
    if (helper == 0) write_turns(address, next, pipe[1]);
    ::close(pipe[1]);
    const auto acknowledged =
        kill_after(helper, pipe[0], 1 + random.below(60), random.below(400'000));
    ::close(pipe[0]);
    int how = 0;
    ASSERT_EQ(::waitpid(helper, &how, 0), helper);
    ASSERT_TRUE(WIFSIGNALED(how)) << "the helper ended by itself: " << WEXITSTATUS(how);

    settle();
    const auto database = open(address);
    ASSERT_TRUE(database) << database.error().what;
    check_kept(**database, next, acknowledged);
    if (::testing::Test::HasFatalFailure()) return;
  }
}

}  // namespace dramatis::store::testing
