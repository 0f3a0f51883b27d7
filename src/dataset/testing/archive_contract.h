// What every archive of a run must do, as one suite, and what those that workers share must do.
#pragma once

#include <atomic>
#include <csignal>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/random.h"
#include "dataset/archive.h"
#include "dataset/run.h"

namespace dramatis::dataset::testing {

constexpr std::chrono::milliseconds kHour{3'600'000};

// A place that is empty at first, and the archives upon it. One thread at a time.
class ArchivePlace {
 public:
  ArchivePlace() = default;
  ArchivePlace(const ArchivePlace&) = delete;
  ArchivePlace& operator=(const ArchivePlace&) = delete;
  virtual ~ArchivePlace() = default;
  // One more worker's, with all that it needs.
  virtual std::unique_ptr<Archive> worker(std::chrono::milliseconds lease) = 0;
};
using MakePlace = std::function<std::unique_ptr<ArchivePlace>()>;

class ArchiveContract : public ::testing::TestWithParam<MakePlace> {
 protected:
  void SetUp() override {
    place_ = GetParam()();
    ASSERT_NE(place_, nullptr);
  }
  static Result<text::JsonObject> square(std::uint64_t n, const std::stop_token& /*stop*/) {
    return text::JsonObject{{"square", static_cast<std::int64_t>(n * n)}};
  }
  static text::JsonObject record(std::uint64_t n, std::string said) {
    return {{"item", static_cast<std::int64_t>(n)}, {"said", std::move(said)}};
  }
  // What is held, by item; its records are the same as if one had made them alone.
  static void expect_squares(const Archive& archive, std::uint64_t count) {
    const auto records = archive.read(kKey).value();
    ASSERT_EQ(records.size(), count + 1);
    std::map<std::int64_t, std::string> items;
    for (std::size_t n = 1; n < records.size(); ++n) {
      EXPECT_TRUE(
          items.emplace(*records[n].find("item")->as_int(), text::print_json(records[n])).second)
          << "twice";
    }
    for (const auto& [n, printed] : items)
      EXPECT_EQ(printed, fmt::format(R"({{"item":{},"square":{}}})", n, n * n));
    EXPECT_EQ(items.rbegin()->first, static_cast<std::int64_t>(count) - 1);
  }

  inline static const StepKey kKey{.character = "ida-fenn", .step = "exchanges"};
  std::unique_ptr<ArchivePlace> place_;
};

TEST_P(ArchiveContract, GivesEachItemOnceAndKeepsItsRecord) {
  const auto archive = place_->worker(kHour);
  EXPECT_TRUE(archive->read(kKey).value().empty());
  const std::string odd("a\0b \xC3\xA9 \"q\" \\ ?1 $1 /*take*/\n", 29);
  {
    const auto book = archive->open(kKey, {.recipe = "r", .count = 3}).value();
    EXPECT_EQ(book->count(), 3U);
    for (std::uint64_t n = 0; n < 3; ++n) {
      const auto claim = book->claim().value();
      ASSERT_EQ(claim.left, Left::kItem);
      EXPECT_EQ(claim.item, n);
      EXPECT_EQ(book->made().value(), n);
      EXPECT_EQ(book->keep(n, record(n, odd)).value(), Kept::kYes);
    }
    EXPECT_EQ(book->claim()->left, Left::kNothing);
    EXPECT_EQ(book->keep(1, record(1, "again")).value(), Kept::kNo);
    EXPECT_EQ(book->made().value(), 3U);
  }
  const auto records = archive->read(kKey).value();
  ASSERT_EQ(records.size(), 4U);
  EXPECT_EQ(*records[0].find("recipe")->as_string(), "r");
  EXPECT_EQ(*records[2].find("said")->as_string(), odd);
  EXPECT_TRUE(archive->read({.character = "tom", .step = "exchanges"}).value().empty());
}

TEST_P(ArchiveContract, GivesAgainWhatWasGivenBackOrNeverKept) {
  {
    const auto archive = place_->worker(std::chrono::milliseconds(0));
    const auto book = archive->open(kKey, {.recipe = "r", .count = 4}).value();
    EXPECT_EQ(book->claim()->item, 0U);
    EXPECT_TRUE(book->give_back(0));
    EXPECT_EQ(book->claim()->item, 0U);
    EXPECT_TRUE(book->keep(0, record(0, "a")));
    EXPECT_EQ(book->claim()->item, 1U);
  }
  const auto archive = place_->worker(kHour);
  const auto book = archive->open(kKey, {.recipe = "r", .count = 5}).value();
  std::set<std::uint64_t> items;
  for (auto claim = book->claim().value(); claim.left == Left::kItem; claim = book->claim().value())
    items.insert(claim.item);
  EXPECT_EQ(items, (std::set<std::uint64_t>{1, 2, 3, 4}));
}

TEST_P(ArchiveContract, RefusesAnotherRecipeAndPutsAside) {
  const auto archive = place_->worker(kHour);
  const auto make = [&](const std::string& recipe) {
    const auto book = archive->open(kKey, {.recipe = recipe, .count = 1});
    if (!book) return book.error().code;
    EXPECT_EQ((*book)->claim()->left, Left::kItem) << recipe;
    EXPECT_TRUE((*book)->keep(0, record(0, recipe)));
    return ErrorCode::kInternal;
  };
  (void)make("r");
  EXPECT_EQ(make("s"), ErrorCode::kConflict);
  ASSERT_TRUE(archive->put_aside({kKey, {.character = "tom", .step = "exchanges"}}));
  EXPECT_TRUE(archive->read(kKey).value().empty());
  (void)make("s");
  // What was put aside before makes way.
  ASSERT_TRUE(archive->put_aside({kKey}));
  (void)make("t");
  EXPECT_EQ(*archive->read(kKey)->at(1).find("said")->as_string(), "t");
}

TEST_P(ArchiveContract, TakesATalkOnce) {
  const auto archive = place_->worker(kHour);
  const auto talk = [](std::string id) { return text::JsonObject{{"talk", std::move(id)}}; };
  EXPECT_EQ(archive->add_talks("ida-fenn", {talk("a"), talk("b"), talk("a")}).value(), 2U);
  EXPECT_EQ(archive->add_talks("ida-fenn", {talk("b"), talk("c")}).value(), 1U);
  EXPECT_EQ(archive->add_talks("tom", {talk("a")}).value(), 1U);
  const auto records = archive->read({.character = "ida-fenn", .step = "talks"}).value();
  ASSERT_EQ(records.size(), 4U);
  EXPECT_EQ(*records[3].find("talk")->as_string(), "c");
}

TEST_P(ArchiveContract, AWholeRunGoesOnAndEnds) {
  const SystemClock clock;
  const auto archive = place_->worker(kHour);
  const Purse purse({}, clock);
  {
    std::atomic<int> left{30};
    const MakeItem some = [&](std::uint64_t n,
                              const std::stop_token& stop) -> Result<text::JsonObject> {
      if (--left < 0) return fail(ErrorCode::kInternal, "the pen broke");
      return square(n, stop);
    };
    const auto book = archive->open(kKey, {.recipe = "r", .count = 100}).value();
    EXPECT_FALSE(run({}, some, purse, *book, {}, {}));
    EXPECT_EQ(book->made().value(), 30U);
  }
  const auto book = archive->open(kKey, {.recipe = "r", .count = 100}).value();
  EXPECT_EQ(run({}, square, purse, *book, {}, {}).value(), RunEnd::kWhole);
  expect_squares(*archive, 100);
}

TEST_P(ArchiveContract, KnowsWhatWasSpent) {
  const auto archive = place_->worker(kHour);
  const auto book = archive->open(kKey, {.recipe = "r", .count = 1}).value();
  const Cost cost{.requests = 1, .prompt_tokens = 70, .reply_tokens = 7, .micros = 3};
  ASSERT_EQ(book->claim()->left, Left::kItem);
  if (archive->till() != nullptr) {
    EXPECT_TRUE(archive->till()->begin({})->granted);
    EXPECT_EQ(archive->till()->pay({.prompt_tokens = 70, .reply_tokens = 7, .micros = 3}).value(),
              cost);
  }
  text::JsonObject made = record(0, "a");
  made.emplace_back("cost", json_of(cost));
  ASSERT_TRUE(book->keep(0, made));
  EXPECT_EQ(archive->spent({kKey}).value(), cost);
  ASSERT_TRUE(archive->put_aside({kKey}));
  EXPECT_EQ(archive->spent({kKey}).value(), Cost{});
}

// Killed twenty times at random; the set is the same as if nothing had happened.
TEST_P(ArchiveContract, SurvivesKillNine) {
  Rng rng(11);
  const SystemClock clock;
  for (int round = 0; round < 20; ++round) {
    const auto last = 5 + rng.below(15);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      std::atomic<std::uint64_t> made{0};
      const MakeItem dies = [&](std::uint64_t n, const std::stop_token& stop) {
        if (++made > last) ::raise(SIGKILL);
        return square(n, stop);
      };
      const Purse purse({}, clock);
      const auto archive = place_->worker(std::chrono::milliseconds(0));
      const auto book = archive->open(kKey, {.recipe = "r", .count = 250}).value();
      (void)run({}, dies, purse, *book, {}, {});
      ::_exit(0);
    }
    int how = 0;
    ASSERT_EQ(::waitpid(child, &how, 0), child);
  }
  const Purse purse({}, clock);
  const auto archive = place_->worker(kHour);
  const auto book = archive->open(kKey, {.recipe = "r", .count = 250}).value();
  EXPECT_EQ(run({}, square, purse, *book, {}, {}).value(), RunEnd::kWhole);
  book->made().value();
  expect_squares(*archive, 250);
}

// Of archives that several workers open at once.
class SharedArchiveContract : public ArchiveContract {};

TEST_P(SharedArchiveContract, WhatOneMakesNoOtherMakesUntilItsLeaseEnds) {
  const auto one = place_->worker(kHour);
  const auto two = place_->worker(kHour);
  const StepPlan plan{.recipe = "r", .count = 3};
  const auto ours = one->open(kKey, plan).value();
  const auto theirs = two->open(kKey, plan).value();
  EXPECT_EQ(ours->claim()->item, 0U);
  EXPECT_EQ(theirs->claim()->item, 1U);
  EXPECT_EQ(ours->claim()->item, 2U);
  EXPECT_EQ(theirs->claim()->left, Left::kOthers);
  EXPECT_EQ(one->hands()->workers, 2U);
  EXPECT_EQ(one->hands()->items, 3U);
  EXPECT_TRUE(theirs->renew());
  EXPECT_TRUE(ours->give_back(2));
  EXPECT_TRUE(theirs->give_back(0)) << "not theirs to give";
  EXPECT_EQ(theirs->claim()->item, 2U);
  EXPECT_EQ(theirs->claim()->left, Left::kOthers);
  EXPECT_TRUE(ours->keep(0, record(0, "ours")));
  EXPECT_TRUE(theirs->keep(1, record(1, "theirs")));
  EXPECT_EQ(ours->claim()->left, Left::kOthers);
  EXPECT_TRUE(theirs->keep(2, record(2, "theirs")));
  EXPECT_EQ(ours->claim()->left, Left::kNothing);
  EXPECT_EQ(one->hands()->items, 0U);
}

TEST_P(SharedArchiveContract, TheFirstRecordOfAnItemStays) {
  const auto slow = place_->worker(std::chrono::milliseconds(0));  // its lease has ended
  const auto quick = place_->worker(kHour);
  const StepPlan plan{.recipe = "r", .count = 1};
  const auto slow_book = slow->open(kKey, plan).value();
  const auto quick_book = quick->open(kKey, plan).value();
  EXPECT_EQ(slow_book->claim()->left, Left::kItem);
  EXPECT_EQ(quick_book->claim()->left, Left::kItem);
  EXPECT_EQ(slow_book->claim()->left, Left::kOthers);
  EXPECT_TRUE(slow_book->renew()) << "it has no more to renew";
  EXPECT_EQ(quick_book->keep(0, record(0, "quick")).value(), Kept::kYes);
  EXPECT_EQ(slow_book->keep(0, record(0, "slow")).value(), Kept::kNo);
  EXPECT_EQ(*slow->read(kKey)->at(1).find("said")->as_string(), "quick");
}

TEST_P(SharedArchiveContract, WorkersMakeTogetherWhatOneMakesAlone) {
  const SystemClock clock;
  std::atomic<int> wrong{0};
  std::atomic<int> made{0};
  const MakeItem counted = [&](std::uint64_t n, const std::stop_token& stop) {
    ++made;
    return square(n, stop);
  };
  std::vector<std::unique_ptr<Archive>> archives;
  for (int n = 0; n < 3; ++n) archives.push_back(place_->worker(kHour));
  {
    std::vector<std::jthread> workers;
    for (auto& archive : archives) {
      workers.emplace_back([&wrong, &counted, &clock, &archive] {
        const Purse purse({}, clock);
        const auto book = archive->open(kKey, {.recipe = "r", .count = 200});
        const RunOptions options{.look = std::chrono::milliseconds(1)};
        if (!book || run(options, counted, purse, **book, {}, {}) != RunEnd::kWhole) ++wrong;
      });
    }
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(made, 200) << "no item was made twice";
  expect_squares(*archives[0], 200);
}

TEST_P(SharedArchiveContract, TheBudgetHoldsForAllTogether) {
  const SystemClock clock;
  const WritingBudget requests{.requests = 50};
  std::vector<std::unique_ptr<Archive>> archives;
  for (int n = 0; n < 3; ++n) {
    archives.push_back(place_->worker(kHour));
    ASSERT_TRUE(archives.back()->open(kKey, {.recipe = "r", .count = 1}));
  }
  std::atomic<int> begun{0};
  {
    std::vector<std::jthread> workers;
    for (auto& archive : archives) {
      workers.emplace_back([&clock, &requests, &begun, &archive] {
        Purse purse(requests, clock, {}, archive->till());
        while (purse.begin()) {
          ++begun;
          purse.pay({.prompt_tokens = 10, .reply_tokens = 1, .micros = 2});
        }
        EXPECT_TRUE(purse.is_spent());
      });
    }
  }
  EXPECT_EQ(begun, 50);
  const Cost all{.requests = 50, .prompt_tokens = 500, .reply_tokens = 50, .micros = 100};
  EXPECT_EQ(archives[0]->spent({}).value(), all);
  // Tokens and money, which others have spent.
  Purse tokens({.tokens = 550}, clock, {}, archives[0]->till());
  EXPECT_EQ(tokens.begin().error().code, ErrorCode::kOverBudget);
  EXPECT_TRUE(tokens.is_spent());
  Purse money({.money = 0.0001}, clock, {}, archives[1]->till());
  EXPECT_EQ(money.begin().error().code, ErrorCode::kOverBudget);
  Purse more({.tokens = 551}, clock, {}, archives[1]->till());
  EXPECT_TRUE(more.begin());
}

// Three at a time, each killed at random while the others go on; the last one ends it alone.
TEST_P(SharedArchiveContract, SurvivesKillNineOfAnyWorker) {
  Rng rng(5);
  const SystemClock clock;
  for (int round = 0; round < 6; ++round) {
    std::vector<pid_t> children;
    for (int n = 0; n < 3; ++n) {
      const auto last = 4 + rng.below(20);
      const pid_t child = ::fork();
      ASSERT_GE(child, 0);
      if (child == 0) {
        std::atomic<std::uint64_t> made{0};
        const MakeItem dies = [&](std::uint64_t item, const std::stop_token& stop) {
          if (++made > last) ::raise(SIGKILL);
          return square(item, stop);
        };
        const Purse purse({}, clock);
        const auto archive = place_->worker(std::chrono::milliseconds(0));
        const auto book = archive->open(kKey, {.recipe = "r", .count = 400});
        if (!book) ::_exit(3);
        (void)run({}, dies, purse, **book, {}, {});
        ::_exit(0);
      }
      children.push_back(child);
    }
    for (const pid_t child : children) {
      int how = 0;
      ASSERT_EQ(::waitpid(child, &how, 0), child);
    }
  }
  const Purse purse({}, clock);
  const auto archive = place_->worker(kHour);
  const auto book = archive->open(kKey, {.recipe = "r", .count = 400}).value();
  EXPECT_LT(book->made().value(), 400U);
  EXPECT_EQ(run({}, square, purse, *book, {}, {}).value(), RunEnd::kWhole);
  expect_squares(*archive, 400);
}

}  // namespace dramatis::dataset::testing
