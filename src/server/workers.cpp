// A mutex, a queue, threads.
#include "server/workers.h"

namespace dramatis::server {

Workers::Workers(std::size_t threads, std::size_t most_waiting) : most_(threads + most_waiting) {
  for (std::size_t n = 0; n < threads; ++n) threads_.emplace_back([this] { work(); });
}

Workers::~Workers() {
  finish();
}

Taken Workers::give(std::function<void()> job) {
  const std::lock_guard lock(mutex_);
  if (ending_ || waiting_.size() + running_ >= most_) return Taken::kNo;
  waiting_.push_back(std::move(job));
  changed_.notify_one();
  return Taken::kYes;
}

void Workers::finish() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  threads_.clear();
  const std::lock_guard lock(mutex_);
  waiting_.clear();
}

void Workers::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
    if (ending_) return;
    ++running_;
    auto job = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    job();
    job = nullptr;
    lock.lock();
    --running_;
  }
}

}  // namespace dramatis::server
