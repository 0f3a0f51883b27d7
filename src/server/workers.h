// Threads that run what they are given, with a short queue before them that serves all callers in
// turn.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace dramatis::server {

enum class Taken { kYes, kNo };

// What belongs together in the queue: the jobs of one key.
enum class Lane : std::uint64_t {};

// Thread-safe. Threads are started as they are needed.
class Workers {
 public:
  // `most_waiting`: jobs that may wait for a thread. A lane gets all but an eighth of threads and
  // places, so that a flood leaves room for others; Lane{}, which is nobody's own, gets all.
  Workers(std::size_t threads, std::size_t most_waiting);
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  // As finish().
  ~Workers();

  // kNo: too many wait already, or the end has come. `job` does not throw.
  [[nodiscard]] Taken give(Lane lane, std::function<void()> job);
  // Drops what waits, and returns when what runs has ended.
  void finish();

  // Jobs that wait now.
  [[nodiscard]] std::size_t waiting() const;
  // Jobs that run now.
  [[nodiscard]] std::size_t running() const;

 private:
  struct Queue {
    std::deque<std::function<void()>> jobs{};
    std::size_t running = 0;
    std::uint64_t served = 0;  // when its last job began; larger: later
  };
  using Queues = std::map<Lane, Queue>;

  void work();
  [[nodiscard]] Queues::iterator next();  // under mutex_; the lane whose turn it is, or the end

  const std::size_t most_threads_;
  const std::size_t most_of_lane_;          // running
  const std::size_t most_waiting_;          // of all lanes
  const std::size_t most_waiting_of_lane_;  // of one
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Queues queues_;                      // guarded by mutex_; those that run or wait
  std::size_t waiting_ = 0;            // likewise
  std::size_t running_ = 0;            // likewise
  std::uint64_t served_ = 0;           // likewise
  bool ending_ = false;                // likewise
  std::vector<std::jthread> threads_;  // likewise, until the end
};

}  // namespace dramatis::server
