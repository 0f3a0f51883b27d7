// Several threads' transactions -> one commit of SQLite: who comes while the disk is busy shares
// the next one.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>

#include <semaphore.h>

#include "base/result.h"
#include "store/internal/backend.h"
#include "store/internal/sqlite_connection.h"

namespace dramatis::store::internal {

// Thread-safe. The one writer of a file in this process. Whoever finds nobody at work leads: he
// runs his own work and what others have queued, each behind a savepoint of its own, and commits
// all of it at once; a lone caller commits at once. Those who were at it a moment ago are waited
// for, half as long as the disk last took and five milliseconds at most. Each call returns after
// its own commit.
class GroupCommit {
 public:
  // Opens the writing connection, with its file inspected; called again after a commit has failed,
  // since nobody knows then what the disk holds.
  using Open = std::function<Result<Connection>()>;
  GroupCommit(Connection connection, Open reopen);

  [[nodiscard]] Status run(const Work& work);
  // Moves the write-ahead log into the file and empties it, so that nothing that was removed is
  // left in it. Readers of other processes may keep it from that; then it happens later.
  void empty_log();

 private:
  // Rung once, and waited for once. Not a condition variable: whoever is woken by one stands before
  // the mutex again. Not std::binary_semaphore: it looks again and again before it sleeps, and a
  // disk takes longer than that.
  class Bell {
   public:
    Bell() { sem_init(&rung_, 0, 0); }
    Bell(const Bell&) = delete;
    Bell& operator=(const Bell&) = delete;
    ~Bell() { sem_destroy(&rung_); }
    void ring() { sem_post(&rung_); }
    void wait() {
      while (sem_wait(&rung_) != 0) continue;  // a signal came in between
    }

   private:
    sem_t rung_{};
  };
  struct Job {
    const Work* work;  // null: empty the log
    Status done{};
    bool is_finished = false;  // written before it is woken; still false then: it leads
    Job* next = nullptr;       // of its group
    Bell woken{};
  };
  // Jobs of one commit, in their order. A list of their own: where memory ends, none is lost.
  struct Group {
    Job* first = nullptr;
    Job* last = nullptr;
    std::size_t size = 0;

    void add(Job* job);
  };

  void wait_for(Job& job);
  void lead(Job& own);
  void hand_over();
  // What is done in one transaction; `taken` are the jobs of which the caller has to hear. Throws
  // std::bad_alloc.
  void run_group(Group& taken);
  // Memory ended: nothing of the group is kept, and each of it is told.
  void give_up(const Group& taken);
  Status run_behind_savepoint(Job& job);
  void run_alone(Job& job);
  // The next job; where none is queued and fewer than are expected came, it may come until then.
  Job* take(std::size_t taken, std::chrono::steady_clock::time_point until);
  Status mend();
  void tend_log();

  std::mutex mutex_;
  std::deque<Job*> waiting_;         // guarded by mutex_
  bool has_leader_ = false;          // guarded by mutex_
  std::condition_variable arrived_;  // the leader alone waits for it
  // The leader's alone.
  Open reopen_;
  Connection connection_;
  bool is_broken_ = false;
  bool must_empty_log_ = false;
  std::size_t expected_ = 1;  // writers that were at it when the last group ended
  std::chrono::steady_clock::time_point ended_{};
  std::chrono::steady_clock::duration commit_took_{};
};

}  // namespace dramatis::store::internal
