// Sessions from many threads -> one loop that computes them together, step by step.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "engine/batch.h"
#include "engine/session.h"
#include "engine/table.h"
#include "model/kv_pool.h"
#include "model/model.h"
#include "runtime/mutex.h"
#include "runtime/thread_pool.h"

namespace dramatis::engine {

// What was done since the start, and what is held now.
struct Counts {
  std::uint64_t steps = 0;     // batches computed
  std::uint64_t rows = 0;      // tokens computed in them
  std::size_t seated = 0;      // sessions that are computed
  std::size_t open = 0;        // these and the waiting ones
  std::size_t used_pages = 0;  // by sessions and by what is kept
  std::size_t max_pages = 0;
  std::size_t kept_pages = 0;  // in the tree
};

// Threads and their priority.
struct Crew {
  std::size_t threads = 1;  // that compute, 1 to runtime::kMaxThreads
  int nice = 0;             // 0: as the process; larger: others first, up to 19
};

// Thread-safe. One thread of its own runs the loop and the others of the pool help it; callers wait
// in Session::hear.
class Scheduler {
 public:
  // `model` outlives it.
  Scheduler(const model::Model& model, std::shared_ptr<model::KvPool> pool, Crew crew);
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;
  // Sessions that are open end with kUnavailable; waits for the visits of their callers to end.
  ~Scheduler();

  // Held by a caller from before submit() until it has heard all, so that nothing is destroyed
  // under it.
  class Visit {
   public:
    explicit Visit(Scheduler& at);
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;
    ~Visit();

   private:
    Scheduler& at_;
  };

  // Never waits. Errors: kUnavailable where kMaxCallers are open, or kMaxCallersOfOne of this
  // player; kOverBudget where the sequence can never have pages enough.
  [[nodiscard]] Status submit(const std::shared_ptr<Session>& session);
  // A caller has left its session: its pages are to be had within one step.
  void wake();

  // From the next step on. Errors: kInvalidArgument.
  [[nodiscard]] Status set_crew(Crew crew);
  [[nodiscard]] Crew crew() const;
  // No step is begun until resume(); deadlines run on.
  void pause();
  void resume();

  [[nodiscard]] Counts counts() const;
  // Calls use(threads, pages) between two steps, on the caller's thread.
  template <class Use>
  auto between_steps(const Use& use) DRAMATIS_EXCLUDES(mutex_, computing_) {
    const Guest guest(*this);
    const runtime::Lock lock(computing_);
    return use(*threads_, table_.pages());
  }
  // Calls use(pages, pool) likewise; it may hang pages that others have computed.
  template <class Use>
  auto change_pages(const Use& use) DRAMATIS_EXCLUDES(mutex_, computing_) {
    const Guest guest(*this);
    const runtime::Lock lock(computing_);
    return use(table_.pages(), pool_);
  }

 private:
  // The loop lets guests go first: a mutex alone would let it come back before they wake.
  class Guest {
   public:
    explicit Guest(Scheduler& at);
    Guest(const Guest&) = delete;
    Guest& operator=(const Guest&) = delete;
    ~Guest();

   private:
    Scheduler& at_;
  };

  void start() DRAMATIS_REQUIRES(control_);
  void stop() DRAMATIS_REQUIRES(control_);
  void run();
  [[nodiscard]] bool wait_for_work();
  void step() DRAMATIS_REQUIRES(computing_);
  void compute(const Batch& batch) DRAMATIS_REQUIRES(computing_);
  void hand_out(const Batch& batch, model::Logits logits) DRAMATIS_REQUIRES(computing_);
  void give_up(const Batch& batch, const Error& why) DRAMATIS_REQUIRES(computing_);
  void settle() DRAMATIS_REQUIRES(computing_);

  const model::Model& model_;
  const std::shared_ptr<model::KvPool> pool_;

  runtime::Mutex computing_;  // held during a step
  Table table_ DRAMATIS_GUARDED_BY(computing_);
  std::unique_ptr<runtime::ThreadPool> threads_ DRAMATIS_GUARDED_BY(computing_);

  mutable runtime::Mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<std::shared_ptr<Session>> inbox_ DRAMATIS_GUARDED_BY(mutex_);
  std::map<std::string, std::size_t> open_of_ DRAMATIS_GUARDED_BY(mutex_);  // by player
  Counts counts_ DRAMATIS_GUARDED_BY(mutex_);
  Crew crew_ DRAMATIS_GUARDED_BY(mutex_);
  std::size_t visits_ DRAMATIS_GUARDED_BY(mutex_) = 0;
  std::size_t guests_ DRAMATIS_GUARDED_BY(mutex_) = 0;
  bool woken_ DRAMATIS_GUARDED_BY(mutex_) = false;
  bool paused_ DRAMATIS_GUARDED_BY(mutex_) = false;
  bool leaving_ DRAMATIS_GUARDED_BY(mutex_) = false;
  bool idle_ DRAMATIS_GUARDED_BY(mutex_) = true;     // the table is empty
  bool manned_ DRAMATIS_GUARDED_BY(mutex_) = false;  // the loop has its threads

  runtime::Mutex control_;  // held by who changes the crew
  std::thread loop_ DRAMATIS_GUARDED_BY(control_);
};

}  // namespace dramatis::engine
