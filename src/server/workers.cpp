// A mutex, a queue for each lane, threads.
#include "server/workers.h"

#include <algorithm>
#include <system_error>

namespace dramatis::server {

Workers::Workers(std::size_t threads, std::size_t most_waiting)
    : most_threads_(threads),
      most_of_lane_(threads - threads / 8),
      most_waiting_(most_waiting),
      most_waiting_of_lane_(most_waiting - most_waiting / 8) {}

Workers::~Workers() {
  finish();
}

Taken Workers::give(Lane lane, std::function<void()> job) {
  const std::lock_guard lock(mutex_);
  if (ending_) return Taken::kNo;
  const auto found = queues_.find(lane);
  const std::size_t ours = found == queues_.end() ? 0 : found->second.jobs.size();
  const std::size_t ours_running = found == queues_.end() ? 0 : found->second.running;
  const auto most_of = [this](Lane which) {
    return which == Lane{} ? most_threads_ : most_of_lane_;
  };
  // Jobs for which a thread is free or on its way; the others wait for their own lane.
  std::size_t starting = 0;
  for (const auto& [which, queue] : queues_)
    starting += std::min(queue.jobs.size(), most_of(which) - queue.running);
  const bool starts = running_ + starting < most_threads_ && ours + ours_running < most_of(lane);
  if (!starts && (waiting_ >= most_waiting_ || (lane != Lane{} && ours >= most_waiting_of_lane_)))
    return Taken::kNo;
  if (starts && threads_.size() < running_ + starting + 1) {
    try {
      threads_.emplace_back([this] { work(); });
    } catch (const std::system_error&) {
      // The machine gives no more threads: those that run take this job too, where there are any.
      if (threads_.empty()) return Taken::kNo;
    }
  }
  queues_[lane].jobs.push_back(std::move(job));
  ++waiting_;
  changed_.notify_one();
  return Taken::kYes;
}

void Workers::finish() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  threads_.clear();  // nobody starts one any more
  const std::lock_guard lock(mutex_);
  queues_.clear();
  waiting_ = 0;
}

std::size_t Workers::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_;
}

std::size_t Workers::running() const {
  const std::lock_guard lock(mutex_);
  return running_;
}

Workers::Queues::iterator Workers::next() {
  auto best = queues_.end();
  for (auto it = queues_.begin(); it != queues_.end(); ++it) {
    const auto& [lane, queue] = *it;
    if (queue.jobs.empty() || queue.running >= (lane == Lane{} ? most_threads_ : most_of_lane_))
      continue;
    if (best == queues_.end() || queue.served < best->second.served) best = it;
  }
  return best;
}

void Workers::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return ending_ || next() != queues_.end(); });
    if (ending_) return;
    const Lane lane = next()->first;
    Queue& queue = queues_.at(lane);
    auto job = std::move(queue.jobs.front());
    queue.jobs.pop_front();
    queue.served = ++served_;
    ++queue.running;
    ++running_;
    --waiting_;
    lock.unlock();
    job();
    job = nullptr;
    lock.lock();
    --running_;
    // A lane at its limit may go on now, and one that is empty is forgotten.
    const auto after = queues_.find(lane);
    if (--after->second.running == 0 && after->second.jobs.empty()) queues_.erase(after);
    // This thread takes one; to wake another for nothing would cost both.
    if (waiting_ > 1) changed_.notify_one();
  }
}

}  // namespace dramatis::server
