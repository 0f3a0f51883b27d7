#include "dataset/run.h"

#include <atomic>
#include <csignal>
#include <set>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/random.h"
#include "base/testing/scratch_folder.h"
#include "lm/testing/scripted_model.h"

namespace dramatis::dataset {
namespace {

using ::testing::HasSubstr;

// What a journal holds, by item.
std::map<std::int64_t, std::string> held(const std::string& path) {
  const auto journal = text::Journal::open(path).value();
  std::map<std::int64_t, std::string> items;
  for (const auto& record : journal.found()) {
    const auto* const item = record.find("item");
    if (item == nullptr) continue;
    EXPECT_TRUE(items.emplace(*item->as_int(), text::print_json(record)).second) << "twice";
  }
  return items;
}

class Runs : public ::testing::Test {
 protected:
  static Result<text::JsonObject> square(std::uint64_t n, const std::stop_token& /*stop*/) {
    return text::JsonObject{{"square", static_cast<std::int64_t>(n * n)}};
  }
  Result<RunEnd> go(const RunOptions& options, const MakeItem& make, std::stop_token stop = {}) {
    auto journal = text::Journal::open(path_);
    if (!journal) return tl::unexpected(journal.error());
    return run(options, make, writer_, *journal, {}, std::move(stop));
  }

  ScratchFolder folder_;
  std::string path_ = folder_ / "run.jsonl";
  lm::testing::ScriptedModel model_{{}};
  SystemClock clock_;
  Writer writer_{model_, {}, clock_};
};

TEST_F(Runs, MakesEveryItemOnce) {
  EXPECT_EQ(go({.recipe = "r", .count = 100}, square).value(), RunEnd::kWhole);
  const auto items = held(path_);
  ASSERT_EQ(items.size(), 100U);
  EXPECT_EQ(items.at(7), R"({"item":7,"square":49})");
  const auto never = [](std::uint64_t, const std::stop_token&) -> Result<text::JsonObject> {
    return fail(ErrorCode::kCorrupt, "it was there");
  };
  EXPECT_EQ(go({.recipe = "r", .count = 100}, never).value(), RunEnd::kWhole);
}

TEST_F(Runs, GoOnWhereTheyEnded) {
  std::atomic<int> left{30};
  const MakeItem some = [&](std::uint64_t n,
                            const std::stop_token& stop) -> Result<text::JsonObject> {
    if (--left < 0) return fail(ErrorCode::kCorrupt, "the pen broke");
    return square(n, stop);
  };
  const auto broken = go({.recipe = "r", .count = 100}, some);
  ASSERT_FALSE(broken);
  EXPECT_THAT(broken.error().what, HasSubstr("the pen broke"));
  EXPECT_EQ(held(path_).size(), 30U);
  EXPECT_EQ(go({.recipe = "r", .count = 100}, square).value(), RunEnd::kWhole);
  EXPECT_EQ(held(path_).size(), 100U);
}

TEST_F(Runs, OfAnotherRecipeAreAConflict) {
  ASSERT_TRUE(go({.recipe = "r", .count = 3}, square));
  EXPECT_EQ(go({.recipe = "s", .count = 3}, square).error().code, ErrorCode::kConflict);
  // More of the same is no other recipe.
  EXPECT_EQ(go({.recipe = "r", .count = 5}, square).value(), RunEnd::kWhole);
  EXPECT_EQ(held(path_).size(), 5U);
}

TEST_F(Runs, AskAgainWhereNothingAnswers) {
  std::atomic<int> asked{0};
  const MakeItem shaky = [&](std::uint64_t n,
                             const std::stop_token& stop) -> Result<text::JsonObject> {
    if (++asked % 3 != 0) return fail(ErrorCode::kUnavailable, "429");
    return square(n, stop);
  };
  const RunOptions options{
      .recipe = "r", .count = 10, .at_once = 1, .pause = std::chrono::milliseconds(0)};
  EXPECT_EQ(go(options, shaky).value(), RunEnd::kWhole);
  EXPECT_EQ(asked, 30);
  const MakeItem dead = [](std::uint64_t, const std::stop_token&) -> Result<text::JsonObject> {
    return fail(ErrorCode::kUnavailable, "nobody there");
  };
  RunOptions more = options;
  more.count = 12;
  EXPECT_EQ(go(more, dead).error().code, ErrorCode::kUnavailable);
}

TEST_F(Runs, EndWhereTheyAreTold) {
  std::stop_source source;
  const MakeItem stops = [&](std::uint64_t n,
                             const std::stop_token& stop) -> Result<text::JsonObject> {
    if (n == 5) source.request_stop();
    if (stop.stop_requested()) return fail(ErrorCode::kCancelled, "stopped");
    return square(n, stop);
  };
  EXPECT_EQ(go({.recipe = "r", .count = 50, .at_once = 1}, stops, source.get_token()).value(),
            RunEnd::kStopped);
  EXPECT_EQ(held(path_).size(), 5U);
}

TEST_F(Runs, EndWhereTheBudgetIsSpent) {
  lm::testing::ScriptedModel model(
      std::deque<Result<std::string>>(10, Result<std::string>("Aye.")));
  Writer writer(model, {.requests = 4}, clock_);
  const MakeItem writes = [&](std::uint64_t,
                              const std::stop_token& stop) -> Result<text::JsonObject> {
    DRAMATIS_TRY(const auto said, writer.write({}, stop));
    return text::JsonObject{{"said", said.text}};
  };
  auto journal = text::Journal::open(path_).value();
  EXPECT_EQ(run({.recipe = "r", .count = 9}, writes, writer, journal, {}, {}).value(),
            RunEnd::kSpent);
  EXPECT_EQ(writer.requests(), 4U);
  EXPECT_EQ(model.asked().size(), 4U);
}

// Killed twenty times at random; the set is the same as if nothing had happened.
TEST_F(Runs, SurviveKills) {
  Rng rng(11);
  const RunOptions options{.recipe = "r", .count = 400};
  for (int round = 0; round < 20; ++round) {
    const auto last = 5 + rng.below(30);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      std::atomic<std::uint64_t> made{0};
      const MakeItem dies = [&](std::uint64_t n, const std::stop_token& stop) {
        if (++made > last) ::raise(SIGKILL);
        return square(n, stop);
      };
      (void)go(options, dies);
      ::_exit(0);
    }
    int how = 0;
    ASSERT_EQ(::waitpid(child, &how, 0), child);
  }
  EXPECT_EQ(go(options, square).value(), RunEnd::kWhole);
  const auto items = held(path_);
  ASSERT_EQ(items.size(), 400U);
  for (const auto& [n, record] : items)
    EXPECT_EQ(record, fmt::format(R"({{"item":{},"square":{}}})", n, n * n));
}

}  // namespace
}  // namespace dramatis::dataset
