#include <atomic>
#include <latch>
#include <numeric>

#include <gtest/gtest.h>

#include "runtime/bounded_queue.h"
#include "runtime/thread_pool.h"
#include "runtime/turnstile.h"

namespace dramatis::runtime {
namespace {

TEST(ThreadPool, CoversARangeOnce) {
  for (const std::size_t threads : {1U, 2U, 5U}) {
    ThreadPool pool(threads);
    EXPECT_EQ(pool.threads(), threads);
    for (const std::size_t count : {0U, 1U, 7U, 1000U}) {
      for (const std::size_t grain : {1U, 3U, 2000U}) {
        std::vector<std::atomic<int>> touched(count);
        pool.parallel_for(count, grain, [&](std::size_t first, std::size_t last) {
          for (std::size_t n = first; n < last; ++n) ++touched[n];
        });
        for (const auto& times : touched) ASSERT_EQ(times, 1);
      }
    }
  }
}

TEST(ThreadPool, ServesSeveralCallers) {
  ThreadPool pool(2);
  std::atomic<int> sum{0};
  {
    std::vector<std::jthread> callers;
    for (int caller = 0; caller < 4; ++caller) {
      callers.emplace_back([&] {
        for (int round = 0; round < 200; ++round) {
          pool.parallel_for(10, 1, [&](std::size_t first, std::size_t last) {
            sum += static_cast<int>(last - first);
          });
        }
      });
    }
  }
  EXPECT_EQ(sum, 4 * 200 * 10);
}

TEST(ThreadPool, ThrowsWhatAPieceThrewAndWorksOn) {
  ThreadPool pool(3);
  const auto throwing = [](std::size_t first, std::size_t) {
    if (first == 5) throw std::bad_alloc();
  };
  EXPECT_THROW(pool.parallel_for(10, 1, throwing), std::bad_alloc);
  std::atomic<int> done{0};
  pool.parallel_for(
      10, 1, [&](std::size_t first, std::size_t last) { done += static_cast<int>(last - first); });
  EXPECT_EQ(done, 10);
}

TEST(BoundedQueue, KeepsOrderAndRefusesWhenFull) {
  BoundedQueue<int> queue(2);
  EXPECT_EQ(queue.push(1), Pushed::kYes);
  EXPECT_EQ(queue.push(2), Pushed::kYes);
  EXPECT_EQ(queue.push(3), Pushed::kFull);
  EXPECT_EQ(queue.pop(), 1);
  queue.close();
  EXPECT_EQ(queue.push(4), Pushed::kClosed);
  EXPECT_EQ(queue.pop(), 2);
  EXPECT_EQ(queue.pop(), std::nullopt);
}

TEST(BoundedQueue, AWaitingReaderIsStopped) {
  BoundedQueue<int> queue(1);
  std::jthread reader(
      [&](const std::stop_token& stop) { EXPECT_EQ(queue.pop(stop), std::nullopt); });
  reader.request_stop();
}

TEST(Turnstile, LetsCallersInByTurn) {
  Turnstile turnstile(8);
  std::vector<int> order;  // written by whoever is inside
  {
    std::vector<std::jthread> callers;
    auto first = turnstile.enter({}).value();
    for (int caller = 0; caller < 3; ++caller) {
      const auto before = turnstile.size();
      callers.emplace_back([&order, &turnstile, caller] {
        const auto pass = turnstile.enter({}).value();
        order.push_back(caller);
      });
      while (turnstile.size() == before) std::this_thread::yield();
    }
    const auto let_go = std::move(first);
  }
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2}));
}

TEST(Turnstile, RefusesWhoFindsNoPlace) {
  Turnstile turnstile(1);
  const auto inside = turnstile.enter({}).value();
  EXPECT_EQ(turnstile.enter({}).error().code, ErrorCode::kUnavailable);
}

TEST(Turnstile, WhoGivesUpBlocksNobody) {
  Turnstile turnstile(4);
  {
    const auto inside = turnstile.enter({}).value();
    std::stop_source gone;
    gone.request_stop();
    EXPECT_EQ(turnstile.enter({.token = gone.get_token()}).error().code, ErrorCode::kCancelled);
    EXPECT_EQ(turnstile.enter({.deadline = std::chrono::steady_clock::now()}).error().code,
              ErrorCode::kDeadline);
    EXPECT_EQ(turnstile.size(), 1U);
  }
  EXPECT_TRUE(turnstile.enter({}));
  EXPECT_EQ(turnstile.size(), 0U);
}

}  // namespace
}  // namespace dramatis::runtime
