// A process that is killed between two instructions: what it had acknowledged is there, and nothing
// by halves.
#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/random.h"
#include "base/testing/scratch_folder.h"
#include "store/sqlite_store.h"

namespace dramatis::store {
namespace {

constexpr dialogue::Pair kPair{.npc = NpcId{1}, .user = UserId{1}};

dialogue::Turn turn_number(std::uint64_t n) {
  return {.id = TurnId{n},
          .pair = kPair,
          .message = fmt::format("question {}", n),
          .reply = fmt::format("{} {}", n, std::string(n * 37 % 9000, 'r')),
          .thoughts = fmt::format("thought {}", n),
          .key = fmt::format("key-{}", n)};
}

// The helper process: stores turn after turn and acknowledges each, until it is killed.
[[noreturn]] void write_turns(const std::filesystem::path& path, std::uint64_t first,
                              int to_parent) {
  auto store = SqliteStore::open(path);
  if (!store) _exit(3);
  for (std::uint64_t n = first;; ++n) {
    if (!(*store)->add_turn(turn_number(n))) _exit(4);
    if (::write(to_parent, &n, sizeof n) != sizeof n) _exit(5);
  }
}

// Reads acknowledgements until `wanted` have come, kills the helper, reads what is left in the
// pipe. Returns the last acknowledged number.
std::uint64_t kill_after(pid_t helper, int from_helper, std::uint64_t wanted, std::uint64_t spins) {
  std::uint64_t last = 0;
  std::uint64_t n = 0;
  for (std::uint64_t count = 0; ::read(from_helper, &n, sizeof n) == sizeof n;) {
    last = n;
    if (++count != wanted) continue;
    // A turn takes some hundred microseconds: the blow falls anywhere in the next one.
    std::atomic<std::uint64_t> spin = 0;
    while (spin.fetch_add(1) < spins) continue;
    ::kill(helper, SIGKILL);
  }
  return last;
}

int rounds() {
  const char* asked = std::getenv("DRAMATIS_KILL_ROUNDS");
  return asked == nullptr ? 10 : std::atoi(asked);
}

TEST(KillNine, AcknowledgedTurnsAreThereAndNoTurnIsHalf) {
  const ScratchFolder scratch;
  const auto path = scratch / "dramatis.sqlite";
  {
    const auto store = SqliteStore::open(path).value();
    ASSERT_TRUE(store->add_user({.id = kPair.user, .name = "Alice"}));
    ASSERT_TRUE(store->add_npc({.id = kPair.npc, .settings = {.character = "ida"}}));
  }
  Rng random(9);
  std::uint64_t next = 1;
  for (int round = 0; round < rounds(); ++round) {
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe(pipe.data()), 0);
    const pid_t helper = ::fork();
    ASSERT_GE(helper, 0);
    if (helper == 0) write_turns(path, next, pipe[1]);
    ::close(pipe[1]);
    const std::uint64_t acknowledged =
        kill_after(helper, pipe[0], 1 + random.below(30), random.below(400'000));
    ::close(pipe[0]);
    int how = 0;
    ASSERT_EQ(::waitpid(helper, &how, 0), helper);
    ASSERT_TRUE(WIFSIGNALED(how)) << "the helper ended by itself: " << WEXITSTATUS(how);
    ASSERT_GE(acknowledged, next);

    const auto store = SqliteStore::open(path);
    ASSERT_TRUE(store) << store.error().what;
    const auto kept = (*store)->newest_turns(kPair, 100'000).value();
    ASSERT_GE(kept.size(), acknowledged) << "an acknowledged turn is lost";
    ASSERT_LE(kept.size(), acknowledged + 1)
        << "only the turn under way may have been stored unacknowledged";
    for (std::size_t n = next - 1; n < kept.size(); ++n) ASSERT_EQ(kept[n], turn_number(n + 1));
    next = kept.size() + 1;
  }
}

}  // namespace
}  // namespace dramatis::store
