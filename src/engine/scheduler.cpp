// A step: let go of who left, seat who waits, compute, hand out, tell who is done.
#include "engine/scheduler.h"

#include <algorithm>
#include <new>

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include "engine/limits.h"
#include "runtime/limits.h"

namespace dramatis::engine {

Scheduler::Guest::Guest(Scheduler& at) : at_(at) {
  const runtime::Lock lock(at_.mutex_);
  ++at_.guests_;
}

Scheduler::Guest::~Guest() {
  {
    const runtime::Lock lock(at_.mutex_);
    --at_.guests_;
  }
  at_.changed_.notify_all();
}

Scheduler::Visit::Visit(Scheduler& at) : at_(at) {
  const runtime::Lock lock(at_.mutex_);
  ++at_.visits_;
}

// Notified under the lock: whoever waits for the last visit destroys the scheduler next.
Scheduler::Visit::~Visit() {
  const runtime::Lock lock(at_.mutex_);
  --at_.visits_;
  at_.changed_.notify_all();
}

Scheduler::Scheduler(const model::Model& model, std::shared_ptr<model::KvPool> pool, Crew crew)
    : model_(model), pool_(std::move(pool)), table_(pool_), crew_(crew) {
  const runtime::Lock lock(control_);
  start();
}

Scheduler::~Scheduler() {
  {
    const runtime::Lock lock(control_);
    stop();
  }
  const Error shut{.code = ErrorCode::kUnavailable, .what = "The engine is being shut down."};
  {
    const runtime::Lock lock(computing_);
    table_.end_all(shut);
    settle();
  }
  const runtime::Lock lock(mutex_);
  for (const auto& session : inbox_) session->finish(tl::unexpected(shut));
  changed_.wait(mutex_, [this]() DRAMATIS_REQUIRES(mutex_) { return visits_ == 0; });
}

// Threads inherit the priority of the thread that starts them, and may lower but not raise their
// own: so a new crew is always started by the caller, whose priority is the process's.
void Scheduler::start() {
  loop_ = std::thread([this] { run(); });
  const runtime::Lock lock(mutex_);
  changed_.wait(mutex_, [this]() DRAMATIS_REQUIRES(mutex_) { return manned_; });
}

void Scheduler::stop() {
  {
    const runtime::Lock lock(mutex_);
    leaving_ = true;
  }
  changed_.notify_all();
  loop_.join();
  const runtime::Lock lock(mutex_);
  leaving_ = false;
  manned_ = false;
}

Status Scheduler::submit(const std::shared_ptr<Session>& session) {
  DRAMATIS_DO(Table::judge(*pool_, session->work().capacity()));
  const std::string& player = session->placement().asker.player;
  {
    const runtime::Lock lock(mutex_);
    if (counts_.open >= kMaxCallers) {
      return fail(ErrorCode::kUnavailable,
                  fmt::format("{} requests are at the model already, at most {} may be; try again "
                              "later.",
                              counts_.open, kMaxCallers));
    }
    const auto mine = open_of_.find(player);
    if (!player.empty() && mine != open_of_.end() && mine->second >= kMaxCallersOfOne) {
      return fail(ErrorCode::kUnavailable,
                  fmt::format("{} requests of this player are at the model already, at most {} may "
                              "be; try again later.",
                              mine->second, kMaxCallersOfOne));
    }
    inbox_.push_back(session);
    ++counts_.open;
    ++open_of_[player];
  }
  changed_.notify_all();
  return {};
}

void Scheduler::wake() {
  {
    const runtime::Lock lock(mutex_);
    woken_ = true;
  }
  changed_.notify_all();
}

Status Scheduler::set_crew(Crew crew) {
  if (crew.threads < 1 || crew.threads > runtime::kMaxThreads || crew.nice < 0 || crew.nice > 19) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} threads of priority {} were asked for; there are 1 to {}, with a "
                            "nice value of 0 to 19.",
                            crew.threads, crew.nice, runtime::kMaxThreads));
  }
  const runtime::Lock control(control_);
  stop();
  {
    const runtime::Lock lock(mutex_);
    crew_ = crew;
  }
  start();
  return {};
}

Crew Scheduler::crew() const {
  const runtime::Lock lock(mutex_);
  return crew_;
}

void Scheduler::pause() {
  const runtime::Lock lock(mutex_);
  paused_ = true;
}

void Scheduler::resume() {
  {
    const runtime::Lock lock(mutex_);
    paused_ = false;
  }
  changed_.notify_all();
}

Counts Scheduler::counts() const {
  const runtime::Lock lock(mutex_);
  Counts told = counts_;
  told.used_pages = pool_->used_pages();
  told.max_pages = pool_->max_pages();
  return told;
}

void Scheduler::run() {
  const Crew crew = this->crew();
  // A system that forbids it computes at the priority of the process.
  if (crew.nice > 0)
    static_cast<void>(setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), crew.nice));
  {
    const runtime::Lock lock(computing_);
    threads_ = std::make_unique<runtime::ThreadPool>(crew.threads);
  }
  {
    const runtime::Lock lock(mutex_);
    manned_ = true;
  }
  changed_.notify_all();
  while (wait_for_work()) {
    const runtime::Lock lock(computing_);
    step();
  }
}

// False when the crew is to leave.
bool Scheduler::wait_for_work() {
  const runtime::Lock lock(mutex_);
  changed_.wait(mutex_, [this]() DRAMATIS_REQUIRES(mutex_) {
    if (leaving_) return true;
    return guests_ == 0 && (woken_ || (!paused_ && (!idle_ || !inbox_.empty())));
  });
  return !leaving_;
}

void Scheduler::step() {
  bool paused = false;
  {
    const runtime::Lock lock(mutex_);
    for (auto& session : inbox_) table_.add(std::move(session));
    inbox_.clear();
    woken_ = false;
    paused = paused_;
  }
  table_.drop_unwanted();
  if (!paused) {
    table_.seat();
    const auto running = table_.running();
    const Batch batch = compose_batch(running);
    try {
      if (!batch.rows.empty()) compute(batch);
    } catch (const std::bad_alloc&) {
      give_up(batch, {.code = ErrorCode::kOverBudget,
                      .what = fmt::format("There is no memory to draw from the logits of {} rows.",
                                          batch.rows.size())});
    }
  }
  settle();
}

void Scheduler::compute(const Batch& batch) {
  auto logits = model_.forward(batch.rows, *threads_);
  if (!logits) {
    give_up(batch, logits.error());
    return;
  }
  {
    const runtime::Lock lock(mutex_);
    ++counts_.steps;
    counts_.rows += batch.rows.size();
  }
  for (const auto& share : batch.shares) {
    auto& course = share.session->course();
    const std::size_t prompt = share.session->placement().prompt_tokens;
    course.computed += std::min(course.cache->length(), prompt) - std::min(share.before, prompt);
    table_.keep_common(*share.session, share.before);
  }
  hand_out(batch, *std::move(logits));
}

void Scheduler::give_up(const Batch& batch, const Error& why) {
  for (const auto& share : batch.shares) table_.end(*share.session, tl::unexpected(why));
}

// Drawing from a large vocabulary takes as long as a small layer, so sessions draw side by side.
void Scheduler::hand_out(const Batch& batch, model::Logits logits) {
  std::vector<std::size_t> first_row;
  std::size_t rows = 0;
  for (const auto& share : batch.shares) {
    first_row.push_back(rows);
    rows += share.logits;
  }
  std::vector<Result<Next>> came(batch.shares.size(), Next::kMore);
  std::vector<std::string> said(batch.shares.size());
  threads_->parallel_for(came.size(), 1, [&](std::size_t first, std::size_t last) {
    for (std::size_t n = first; n < last; ++n) {
      for (std::size_t r = 0; r < batch.shares[n].logits && came[n] == Next::kMore; ++r)
        came[n] = batch.shares[n].session->work().take(logits.row(first_row[n] + r), said[n]);
    }
  });
  for (std::size_t n = 0; n < came.size(); ++n) {
    Session& session = *batch.shares[n].session;
    session.say(said[n]);
    auto& cache = *session.course().cache;
    if (batch.shares[n].logits > 0)
      cache.truncate(std::min(cache.length(), session.work().valid()));
    if (!came[n]) table_.end(session, Status(tl::unexpected(came[n].error())));
    if (came[n] == Next::kEnd) table_.end(session, {});
  }
}

// The places of who is done are free before their callers hear of it.
void Scheduler::settle() {
  const auto ended = table_.take_ended();
  {
    const runtime::Lock lock(mutex_);
    for (const auto& session : ended) {
      const auto player = open_of_.find(session->placement().asker.player);
      if (--player->second == 0) open_of_.erase(player);
    }
    counts_.open -= ended.size();
    counts_.seated = table_.seated();
    counts_.kept_pages = table_.pages().size();
    idle_ = table_.size() == 0;
  }
  for (const auto& session : ended) session->finish(session->course().outcome);
}

}  // namespace dramatis::engine
