// Workers watch a generation number: a while awake, then asleep.
#include "runtime/thread_pool.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "runtime/limits.h"

namespace dramatis::runtime {
namespace {

// Returns when `watched` is no longer `old`.
void wait_for_change(const std::atomic<std::uint32_t>& watched, std::uint32_t old) {
  for (int spin = 0; spin < kSpins; ++spin) {
    if (watched.load(std::memory_order_acquire) != old) return;
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
  }
  while (watched.load(std::memory_order_acquire) == old)
    watched.wait(old, std::memory_order_acquire);
}

}  // namespace

ThreadPool::ThreadPool(std::size_t threads) {
  DRAMATIS_CHECK(threads >= 1 && threads <= kMaxThreads);
  workers_.reserve(threads - 1);
  for (std::size_t n = 1; n < threads; ++n) workers_.emplace_back([this] { work(); });
}

ThreadPool::~ThreadPool() {
  over_.store(true, std::memory_order_relaxed);
  generation_.fetch_add(1, std::memory_order_release);
  generation_.notify_all();
  for (auto& worker : workers_) worker.join();
}

void ThreadPool::run(Job job) {
  DRAMATIS_CHECK(job.grain > 0);
  if (job.count == 0) return;
  if (workers_.empty() || job.count <= job.grain) {
    job.call(job.body, 0, job.count);
    return;
  }
  const Lock lock(calls_);
  job_ = job;
  next_.store(0, std::memory_order_relaxed);
  busy_.store(static_cast<std::uint32_t>(workers_.size()), std::memory_order_relaxed);
  generation_.fetch_add(1, std::memory_order_release);
  generation_.notify_all();
  take_pieces_or_keep_error();
  for (auto busy = busy_.load(std::memory_order_acquire); busy != 0;
       busy = busy_.load(std::memory_order_acquire)) {
    wait_for_change(busy_, busy);
  }
  const Lock errors(errors_);
  if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
}

void ThreadPool::take_pieces_or_keep_error() {
  try {
    take_pieces();
  } catch (...) {
    const Lock lock(errors_);
    if (!error_) error_ = std::current_exception();
  }
}

void ThreadPool::take_pieces() {
  for (;;) {
    const auto first = next_.fetch_add(job_.grain, std::memory_order_relaxed);
    if (first >= job_.count) return;
    job_.call(job_.body, first, std::min(first + job_.grain, job_.count));
  }
}

void ThreadPool::work() {
  for (std::uint32_t seen = 0;; ++seen) {
    wait_for_change(generation_, seen);
    if (over_.load(std::memory_order_relaxed)) return;
    take_pieces_or_keep_error();
    if (busy_.fetch_sub(1, std::memory_order_acq_rel) == 1) busy_.notify_one();
  }
}

}  // namespace dramatis::runtime
