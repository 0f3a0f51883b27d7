// Leaders, followers and savepoints.
#include "store/internal/group_commit.h"

#include <chrono>
#include <new>

#include <fmt/format.h>

#include "store/internal/sqlite_session.h"
#include "store/limits.h"

namespace dramatis::store::internal {
namespace {

// Short enough to need no memory itself.
Error no_memory() {
  return {ErrorCode::kUnavailable, "Out of memory."};
}

}  // namespace

GroupCommit::GroupCommit(Connection connection, Open reopen)
    : reopen_(std::move(reopen)), connection_(std::move(connection)) {}

Status GroupCommit::run(const Work& work) {
  Job job{.work = &work};
  wait_for(job);
  return std::move(job.done);
}

void GroupCommit::empty_log() {
  Job job{.work = nullptr};
  wait_for(job);
}

void GroupCommit::wait_for(Job& job) {
  bool leads = false;
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(&job);
    leads = !std::exchange(has_leader_, true);
  }
  if (leads) return lead(job);
  arrived_.notify_one();
  job.woken.wait();
  if (!job.is_finished) lead(job);
}

// Others queue while this runs: the lock is held only to take a job. `own` is the first that waits.
void GroupCommit::lead(Job& own) {
  Group taken;
  if (own.work != nullptr) {
    try {
      run_group(taken);
    } catch (const std::bad_alloc&) {
      give_up(taken);
    }
    const std::lock_guard lock(mutex_);
    expected_ = taken.size + waiting_.size();
    ended_ = std::chrono::steady_clock::now();
  } else {
    const std::lock_guard lock(mutex_);
    waiting_.pop_front();
    must_empty_log_ = true;
  }
  // Before the log is tended: they have waited for their commit alone.
  for (Job* job = taken.first; job != nullptr;) {
    Job* const next = job->next;
    if (job != &own) {
      job->is_finished = true;
      job->woken.ring();  // it may be gone now
    }
    job = next;
  }
  tend_log();
  hand_over();
}

// The next that waits leads; where nobody does, whoever comes.
void GroupCommit::hand_over() {
  Job* next = nullptr;
  {
    const std::lock_guard lock(mutex_);
    has_leader_ = !waiting_.empty();
    if (has_leader_) next = waiting_.front();
  }
  if (next != nullptr) next->woken.ring();
}

GroupCommit::Job* GroupCommit::take(std::size_t taken,
                                    std::chrono::steady_clock::time_point until) {
  std::unique_lock lock(mutex_);
  if (taken < expected_) arrived_.wait_until(lock, until, [this] { return !waiting_.empty(); });
  if (waiting_.empty() || waiting_.front()->work == nullptr) return nullptr;
  Job* job = waiting_.front();
  waiting_.pop_front();
  return job;
}

void GroupCommit::Group::add(Job* job) {
  (last == nullptr ? first : last->next) = job;
  last = job;
  ++size;
}

// What was begun is undone first: the connection that is opened in the place of this one would wait
// for it.
void GroupCommit::give_up(const Group& taken) {
  is_broken_ = true;
  if (connection_.is_in_transaction())
    sqlite3_exec(connection_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
  for (Job* job = taken.first; job != nullptr; job = job->next)
    job->done = tl::unexpected(no_memory());
}

void GroupCommit::run_group(Group& taken) {
  const auto begun_at = std::chrono::steady_clock::now();
  const auto last = begun_at + kMaxGroupTime;
  // Whoever was at it long ago is not expected back.
  if (begun_at - ended_ > kMaxGroupTime) expected_ = 1;
  const auto patience =
      begun_at + std::min<std::chrono::steady_clock::duration>(kMaxGroupTime, commit_took_ / 2);
  const auto fail_all = [&taken](const Error& error) {
    for (Job* job = taken.first; job != nullptr; job = job->next) {
      if (job->done) job->done = tl::unexpected(error);
    }
  };
  taken.add(take(expected_, begun_at));
  Status begun = mend();
  if (begun && connection_.log_pages() >= kFullLogPages) {
    begun = fail(ErrorCode::kUnavailable,
                 "The database's log is full: another program has been reading it for too long.");
  }
  if (begun) begun = connection_.execute("BEGIN IMMEDIATE");
  if (!begun) {
    // Somebody else holds the file, or it is broken: who queued meanwhile has waited long enough.
    while (Job* next = take(expected_, begun_at)) taken.add(next);
    return fail_all(begun.error());
  }
  for (;;) {
    taken.last->done = run_behind_savepoint(*taken.last);
    if (!connection_.is_in_transaction()) {
      // SQLite has undone everybody's work for the sake of one.
      for (Job* job = taken.first; job != nullptr; job = job->next) run_alone(*job);
      return;
    }
    if (std::chrono::steady_clock::now() >= last) break;
    Job* next = take(taken.size, patience);
    if (next == nullptr) break;
    taken.add(next);
  }
  const auto commits_at = std::chrono::steady_clock::now();
  const auto committed = connection_.execute("COMMIT");
  commit_took_ = std::chrono::steady_clock::now() - commits_at;
  if (committed) return;
  is_broken_ = true;
  fail_all(committed.error());
}

Status GroupCommit::run_behind_savepoint(Job& job) {
  SqliteSession session(connection_);
  DRAMATIS_DO(connection_.run("SAVEPOINT job"));
  const Status done = (*job.work)(session);
  if (!connection_.is_in_transaction()) return done;
  if (!done) DRAMATIS_DO(connection_.run("ROLLBACK TO job"));
  DRAMATIS_DO(connection_.run("RELEASE job"));
  return done;
}

void GroupCommit::run_alone(Job& job) {
  try {
    job.done = [&]() -> Status {
      DRAMATIS_TRY(auto transaction, Transaction::begin(connection_));
      SqliteSession session(connection_);
      DRAMATIS_DO((*job.work)(session));
      return transaction.commit();
    }();
  } catch (const std::bad_alloc&) {
    job.done = tl::unexpected(no_memory());
    is_broken_ = true;
  }
}

// After a failed commit, and where the file is another one now, it is opened and inspected anew.
Status GroupCommit::mend() {
  if (!is_broken_ && !connection_.has_moved()) return {};
  is_broken_ = true;
  DRAMATIS_TRY(connection_, reopen_());
  is_broken_ = false;
  return {};
}

void GroupCommit::tend_log() {
  if (is_broken_) return;
  const int pages = connection_.log_pages();
  if (!must_empty_log_ && pages < kLogPages) return;
  const bool empties = must_empty_log_ || pages >= kMaxLogPages;
  // Where readers are in the way, what is left is moved the next time.
  const int code = sqlite3_wal_checkpoint_v2(
      connection_.get(), nullptr, empties ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE,
      nullptr, nullptr);
  if (code == SQLITE_OK) {
    must_empty_log_ = must_empty_log_ && !empties;
    connection_.forget_log_pages();
  }
}

}  // namespace dramatis::store::internal
