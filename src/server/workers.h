// Threads that run what they are given, with a short queue before them.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace dramatis::server {

enum class Taken { kYes, kNo };

// Thread-safe.
class Workers {
 public:
  // `most_waiting`: jobs that may wait for a thread.
  Workers(std::size_t threads, std::size_t most_waiting);
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  // As finish().
  ~Workers();

  // kNo: too many wait already, or the end has come. `job` does not throw.
  [[nodiscard]] Taken give(std::function<void()> job);
  // Drops what waits, and returns when what runs has ended.
  void finish();

 private:
  void work();

  const std::size_t most_;  // jobs that run or wait
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> waiting_;  // guarded by mutex_
  std::size_t running_ = 0;                    // likewise
  bool ending_ = false;                        // likewise
  std::vector<std::jthread> threads_;
};

}  // namespace dramatis::server
