// A loop over a range -> pieces of it on a fixed number of threads.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <thread>
#include <vector>

#include "runtime/mutex.h"

namespace dramatis::runtime {

// Thread-safe: callers from several threads are served one after another.
class ThreadPool {
 public:
  // `threads` includes the caller's own: 1 starts none. Checked: 1 to kMaxThreads.
  explicit ThreadPool(std::size_t threads);
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  ~ThreadPool();

  [[nodiscard]] std::size_t threads() const { return workers_.size() + 1; }

  // Calls body(first, last) until [0, count) is covered once, and returns when all have returned.
  // Pieces are about `grain` long and run in any order on any thread. `body` must neither throw nor
  // call this pool. Checked: grain > 0.
  template <class Body>
  void parallel_for(std::size_t count, std::size_t grain, const Body& body) {
    run({.call = [](const void* self, std::size_t first,
                    std::size_t last) { (*static_cast<const Body*>(self))(first, last); },
         .body = &body,
         .count = count,
         .grain = grain});
  }

 private:
  struct Job {
    void (*call)(const void*, std::size_t, std::size_t) = nullptr;
    const void* body = nullptr;
    std::size_t count = 0;
    std::size_t grain = 1;
  };

  void run(Job job);
  void take_pieces();
  void take_pieces_or_keep_error();
  void work();

  Mutex calls_;                         // held by the one caller who is served
  Job job_;                             // written before generation_ moves, read after
  std::atomic<std::size_t> next_{0};    // the first index nobody has taken
  std::atomic<std::uint32_t> busy_{0};  // workers that have not finished this generation
  std::atomic<std::uint32_t> generation_{0};
  std::atomic<bool> over_{false};
  Mutex errors_;
  std::exception_ptr error_ DRAMATIS_GUARDED_BY(errors_);  // the first of this generation
  std::vector<std::thread> workers_;
};

}  // namespace dramatis::runtime
