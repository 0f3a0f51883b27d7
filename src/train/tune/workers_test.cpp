#include "train/tune/workers.h"

#include <csignal>
#include <cstdlib>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "train/testing/small_tune.h"

namespace dramatis::train::tune {
namespace {

using testing::run_plan;
using testing::SmallTune;

constexpr const char* kRest =
    "method: lora\nlora: {rank: 4, alpha: 8}\noptimizer: {rate: 0.01}\n"
    "steps: {epochs: 3, batch: {conversations: 5}, pass_tokens: 256, checkpoint: 2}\n";

// A port of the loopback that nobody listens at now. It is below those that the system gives to
// outgoing connections, of which one could take it before the first process listens.
std::uint16_t free_port() {
  static int next = 0;
  for (;; ++next) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const auto port = static_cast<std::uint16_t>(20'000 + (getpid() * 16 + next) % 10'000);
    address.sin_port = htons(port);
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    const bool is_free = bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    close(socket);
    if (!is_free) continue;
    ++next;
    return port;
  }
}

// One of the processes: this program again, with the test below alone.
struct Process {
  std::size_t rank;
  std::size_t count;
  std::uint16_t port;
  std::size_t dies_at = 0;  // update after which it is killed; 0: it lives
};

pid_t begin(const Process& process, const std::filesystem::path& folder, const char* run) {
  std::vector<std::string> variables = {fmt::format("TRAIN_TEST_FOLDER={}", folder.string()),
                                        fmt::format("TRAIN_TEST_RUN={}", run),
                                        fmt::format("TRAIN_TEST_RANK={}", process.rank),
                                        fmt::format("TRAIN_TEST_COUNT={}", process.count),
                                        fmt::format("TRAIN_TEST_PORT={}", process.port),
                                        fmt::format("TRAIN_TEST_DIES={}", process.dies_at)};
  std::vector<char*> environment;
  for (auto& one : variables) environment.push_back(one.data());
  for (char** one = environ; *one != nullptr; ++one) environment.push_back(*one);
  environment.push_back(nullptr);
  std::string program = std::filesystem::read_symlink("/proc/self/exe").string();
  std::string filter = "--gtest_filter=Workers.OneOfSeveral";
  char* words[] = {program.data(), filter.data(), nullptr};
  pid_t id = 0;
  EXPECT_EQ(posix_spawn(&id, program.c_str(), nullptr, nullptr, words, environment.data()), 0);
  return id;
}

int end_of(pid_t id) {
  int status = 0;
  EXPECT_EQ(waitpid(id, &status, 0), id);
  return status;
}

std::size_t number(const char* name) {
  return static_cast<std::size_t>(std::strtoull(std::getenv(name), nullptr, 10));
}

// Exit codes of a process whose run did not end well.
constexpr int kLost = 75;

// Not a test of its own: what each process does.
TEST(Workers, OneOfSeveral) {
  if (std::getenv("TRAIN_TEST_FOLDER") == nullptr) GTEST_SKIP() << "begun by other tests";
  const std::filesystem::path folder = std::getenv("TRAIN_TEST_FOLDER");
  const auto dies_at = number("TRAIN_TEST_DIES");
  const Hearers hearers{.progress =
                            [dies_at](const Progress& now) {
                              if (now.update == dies_at) std::raise(SIGKILL);
                            },
                        .evaluation = {}};
  const auto plan = read_plan(folder / "recipe.yaml").value();
  auto start = start_of(plan).value();
  const Worker worker{.rank = number("TRAIN_TEST_RANK"),
                      .count = number("TRAIN_TEST_COUNT"),
                      .port = static_cast<std::uint16_t>(number("TRAIN_TEST_PORT")),
                      .patience_seconds = 60};
  const auto ran =
      run_plan(plan, start, folder / std::getenv("TRAIN_TEST_RUN"), hearers, {}, worker);
  if (!ran.state) std::fprintf(stderr, "%s\n", ran.state.error().what.c_str());
  std::_Exit(ran.state ? 0 : (ran.state.error().code == ErrorCode::kUnavailable ? kLost : 1));
}

std::string recipe(const SmallTune& small) {
  return fmt::format(
      "kind: tune\nseed: 7\nnumbers: f32\nbase: {{model: {}}}\n"
      "data: {{conversations: {}, held_out_share: 0.25, most_tokens: 256}}\n{}",
      (small.folder / "base").string(), (small.folder / "lessons.jsonl").string(), kRest);
}

class TogetherTest : public ::testing::Test {
 protected:
  TogetherTest() {
    small_.folder.write("recipe.yaml", recipe(small_));
    const auto plan = read_plan(small_.folder / "recipe.yaml").value();
    auto start = start_of(plan).value();
    alone_ = run_plan(plan, start, small_.folder / "alone");
    EXPECT_TRUE(alone_.state);
  }

  void expect_the_same(const char* run) {
    const auto ran = testing::losses_of(small_.folder / run, State{});
    ASSERT_EQ(ran.losses.size(), alone_.losses.size());
    for (std::size_t n = 0; n < ran.losses.size(); ++n)
      EXPECT_NEAR(ran.losses[n], alone_.losses[n], 1e-5) << "update " << n + 1;
    ASSERT_EQ(ran.held_out.size(), alone_.held_out.size());
    for (std::size_t n = 0; n < ran.held_out.size(); ++n)
      EXPECT_NEAR(ran.held_out[n], alone_.held_out[n], 1e-5) << "evaluation " << n;
  }

  SmallTune small_{};
  testing::Ran alone_{.state = State{}};
};

TEST_F(TogetherTest, TwoProcessesHaveTheLossesOfOne) {
  const auto port = free_port();
  const auto second = begin({.rank = 1, .count = 2, .port = port}, small_.folder.path(), "two");
  const auto first = begin({.rank = 0, .count = 2, .port = port}, small_.folder.path(), "two");
  EXPECT_EQ(end_of(first), 0);
  EXPECT_EQ(end_of(second), 0);
  expect_the_same("two");
}

TEST_F(TogetherTest, ALostProcessEndsTheRunWhichThenGoesOn) {
  const auto port = free_port();
  const auto second =
      begin({.rank = 1, .count = 2, .port = port, .dies_at = 3}, small_.folder.path(), "lost");
  const auto first = begin({.rank = 0, .count = 2, .port = port}, small_.folder.path(), "lost");
  EXPECT_TRUE(WIFSIGNALED(end_of(second)));
  const int ended = end_of(first);
  ASSERT_TRUE(WIFEXITED(ended));
  EXPECT_EQ(WEXITSTATUS(ended), kLost);
  const auto again = free_port();
  const auto fourth = begin({.rank = 1, .count = 2, .port = again}, small_.folder.path(), "lost");
  const auto third = begin({.rank = 0, .count = 2, .port = again}, small_.folder.path(), "lost");
  EXPECT_EQ(end_of(third), 0);
  EXPECT_EQ(end_of(fourth), 0);
  expect_the_same("lost");
}

TEST_F(TogetherTest, AKilledRunGoesOnFromItsLastCheckpointBitForBit) {
  const auto killed =
      begin({.rank = 0, .count = 1, .port = 1, .dies_at = 5}, small_.folder.path(), "killed");
  EXPECT_TRUE(WIFSIGNALED(end_of(killed)));
  const auto again = begin({.rank = 0, .count = 1, .port = 1}, small_.folder.path(), "killed");
  EXPECT_EQ(end_of(again), 0);
  const auto ran = testing::losses_of(small_.folder / "killed", State{});
  EXPECT_EQ(ran.losses, alone_.losses);
  EXPECT_EQ(ran.held_out, alone_.held_out);
}

TEST(Workers, RanksCountFromNothing) {
  EXPECT_EQ(Workers::meet({.rank = 2, .count = 2}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(Workers::meet({.rank = 0, .count = 1000}).error().code, ErrorCode::kOverBudget);
}

}  // namespace
}  // namespace dramatis::train::tune
