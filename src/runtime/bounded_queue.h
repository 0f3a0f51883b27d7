// Things from some threads to others, at most so many in between.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <optional>
#include <stop_token>
#include <utility>

#include "runtime/mutex.h"

namespace dramatis::runtime {

enum class Pushed { kYes, kFull, kClosed };

// First in, first out. Thread-safe.
template <class T>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) {}

  // Never waits: who finds it full is refused in time.
  [[nodiscard]] Pushed push(T value) {
    {
      const Lock lock(mutex_);
      if (closed_) return Pushed::kClosed;
      if (values_.size() >= capacity_) return Pushed::kFull;
      values_.push_back(std::move(value));
    }
    changed_.notify_one();
    return Pushed::kYes;
  }

  // Waits for a value. Nothing once the queue is closed and empty, or when `stop` was asked.
  [[nodiscard]] std::optional<T> pop(const std::stop_token& stop = {}) {
    const Lock lock(mutex_);
    const auto ready = [this]() DRAMATIS_REQUIRES(mutex_) { return closed_ || !values_.empty(); };
    changed_.wait(mutex_, stop, ready);
    if (values_.empty() || stop.stop_requested()) return std::nullopt;
    std::optional<T> value(std::move(values_.front()));
    values_.pop_front();
    return value;
  }

  // No value enters any more; those inside can still be taken.
  void close() {
    {
      const Lock lock(mutex_);
      closed_ = true;
    }
    changed_.notify_all();
  }

  [[nodiscard]] std::size_t size() const {
    const Lock lock(mutex_);
    return values_.size();
  }

 private:
  const std::size_t capacity_;
  mutable Mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<T> values_ DRAMATIS_GUARDED_BY(mutex_);
  bool closed_ DRAMATIS_GUARDED_BY(mutex_) = false;
};

}  // namespace dramatis::runtime
