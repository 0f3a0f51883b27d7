#include "dataset/run.h"

#include <atomic>
#include <map>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing/scratch_folder.h"
#include "dataset/folder_archive.h"
#include "lm/testing/scripted_model.h"
#include "text/journal.h"

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
  // A recipe's name and how many items it has, with the options.
  struct Wish {
    std::string recipe{};
    std::uint64_t count = 0;
    std::size_t at_once = 4;
    std::chrono::milliseconds pause{500};
  };
  Result<std::unique_ptr<Book>> book(const Wish& wish) {
    return archive_.open({.character = "ida", .step = "run"},
                         {.recipe = wish.recipe, .count = wish.count});
  }
  Result<RunEnd> go(const Wish& wish, const MakeItem& make, std::stop_token stop = {}) {
    DRAMATIS_TRY(const auto opened, book(wish));
    return run({.at_once = wish.at_once, .pause = wish.pause}, make, purse_, *opened, {},
               std::move(stop));
  }

  ScratchFolder folder_;
  std::string path_ = folder_ / "ida.run.jsonl";
  FolderArchive archive_{folder_.path()};
  lm::testing::ScriptedModel model_{{}};
  SystemClock clock_;
  Purse purse_{{}, clock_};
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
    if (--left < 0) return fail(ErrorCode::kInternal, "the pen broke");
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
  const Wish options{
      .recipe = "r", .count = 10, .at_once = 1, .pause = std::chrono::milliseconds(0)};
  EXPECT_EQ(go(options, shaky).value(), RunEnd::kWhole);
  EXPECT_EQ(asked, 30);
  const MakeItem dead = [](std::uint64_t, const std::stop_token&) -> Result<text::JsonObject> {
    return fail(ErrorCode::kUnavailable, "nobody there");
  };
  Wish more = options;
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
  Purse purse({.requests = 4}, clock_);
  Writer writer(model, purse, {.prompt = 2, .reply = 10});
  const MakeItem writes = [&](std::uint64_t,
                              const std::stop_token& stop) -> Result<text::JsonObject> {
    DRAMATIS_TRY(const auto said, writer.write({}, stop));
    return text::JsonObject{{"said", said.text}};
  };
  const auto opened = book({.recipe = "r", .count = 9}).value();
  EXPECT_EQ(run({}, writes, purse, *opened, {}, {}).value(), RunEnd::kSpent);
  EXPECT_EQ(purse.spent().requests, 4U);
  EXPECT_EQ(model.asked().size(), 4U);
}

TEST(Purses, CountMoneyAndWhatWasSpentBefore) {
  lm::testing::ScriptedModel model(
      std::deque<Result<std::string>>(10, Result<std::string>("Aye.")));
  const SystemClock clock;
  Purse purse({.money = 1}, clock, {.requests = 7, .micros = 999'999});
  Writer writer(model, purse, {.prompt = 1e9, .reply = 1e9});
  EXPECT_FALSE(purse.is_spent());
  const auto said = writer.write({}, {}).value();
  EXPECT_EQ(cost_in(text::JsonObject{{"cost", json_of(said.cost)}}), said.cost);
  EXPECT_EQ(purse.spent().requests, 8U);
  EXPECT_TRUE(purse.is_spent());
  EXPECT_EQ(writer.write({}, {}).error().code, ErrorCode::kOverBudget);
}

// A till that is away now and then.
class ShakyTill final : public Till {
 public:
  [[nodiscard]] Result<Answer> begin(const WritingBudget& budget) override {
    if (away) return fail(ErrorCode::kUnavailable, "the till is away");
    if (dataset::is_spent(budget, all)) return Answer{.granted = false, .so_far = all};
    ++all.requests;
    return Answer{.granted = true, .so_far = all};
  }
  [[nodiscard]] Result<Cost> pay(const Cost& cost) override {
    if (away) return fail(ErrorCode::kUnavailable, "the till is away");
    return all += cost;
  }

  bool away = false;
  Cost all{};
};

TEST(Purses, PayLaterWhatATillDoesNotTakeNow) {
  const SystemClock clock;
  ShakyTill till;
  Purse purse({.tokens = 20}, clock, {}, &till);
  ASSERT_TRUE(purse.begin());
  till.away = true;
  purse.pay({.prompt_tokens = 12});
  EXPECT_EQ(purse.spent().prompt_tokens, 12U);
  EXPECT_EQ(till.all.prompt_tokens, 0U);
  EXPECT_EQ(purse.begin().error().code, ErrorCode::kUnavailable);
  till.away = false;
  ASSERT_TRUE(purse.begin());
  EXPECT_EQ(till.all, (Cost{.requests = 2, .prompt_tokens = 12}));
  till.all.reply_tokens = 8;  // another worker's
  EXPECT_EQ(purse.begin().error().code, ErrorCode::kOverBudget);
  EXPECT_TRUE(purse.is_spent());
  EXPECT_EQ(till.all.requests, 2U);
}

}  // namespace
}  // namespace dramatis::dataset
