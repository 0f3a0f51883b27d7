// Numbered items of work -> their records in an archive.
#include "dataset/run.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include <fmt/format.h>

namespace dramatis::dataset {
namespace {

// Waits unless it is told to stop.
void wait(std::chrono::milliseconds time, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any rung;
  std::unique_lock lock(mutex);
  static_cast<void>(rung.wait_for(lock, stop, time, [] { return false; }));
}

// What a service may get over: nobody answered, not in time, or nonsense came.
bool may_pass(ErrorCode code) {
  return code == ErrorCode::kUnavailable || code == ErrorCode::kDeadline ||
         code == ErrorCode::kCorrupt;
}

// Threads take its items one by one. Thread-safe.
class Round {
 public:
  Round(const RunOptions& options, const MakeItem& make, const Purse& purse, Book& book,
        std::uint64_t found, const RunProgress& progress, const std::stop_token& stop)
      : options_(options),
        make_(make),
        purse_(purse),
        book_(book),
        progress_(progress),
        outer_(stop, [this] { inner_.request_stop(); }),
        found_(found) {}

  void work() {
    while (!inner_.stop_requested() && !purse_.is_spent()) {
      const auto claim = patiently([this] { return book_.claim(); });
      if (!claim) return end_with(claim.error());
      if (claim->left == Left::kNothing) return;
      if (claim->left == Left::kOthers) {
        wait(options_.look, inner_.get_token());
        continue;
      }
      const std::uint64_t n = claim->item;
      keep(n, patiently([&] { return make_(n, inner_.get_token()); }));
    }
  }

  // Until `over`: what was claimed stays claimed.
  void hold(const std::stop_token& over) {
    for (;;) {
      wait(book_.pulse(), over);
      if (over.stop_requested()) return;
      // A lease that cannot be renewed now is renewed the next time. Should it end before that, an
      // item is made twice, and the first record stays.
      static_cast<void>(book_.renew());
    }
  }

  Result<RunEnd> finish() {
    const std::lock_guard lock(mutex_);
    if (failure_) return tl::unexpected(*failure_);
    DRAMATIS_TRY(const auto made, book_.made());
    if (made >= book_.count()) return RunEnd::kWhole;
    return purse_.is_spent() ? RunEnd::kSpent : RunEnd::kStopped;
  }

 private:
  template <class Do>
  auto patiently(const Do& act) -> decltype(act()) {
    auto pause = options_.pause;
    for (std::size_t tried = 1;; ++tried, pause *= 2) {
      auto done = act();
      if (done || !may_pass(done.error().code) || tried >= options_.tries) return done;
      wait(pause, inner_.get_token());
      if (inner_.stop_requested()) return fail(ErrorCode::kCancelled, "The run was stopped.");
    }
  }

  void end_with(const Error& error) {
    const std::lock_guard lock(mutex_);
    if (!failure_ && error.code != ErrorCode::kCancelled) failure_ = error;
    inner_.request_stop();
  }

  void keep(std::uint64_t n, Result<text::JsonObject> made) {
    Status kept;
    if (made) {
      made->insert(made->begin(), {"item", static_cast<std::int64_t>(n)});
      const auto answer = patiently([&] { return book_.keep(n, *made); });
      if (answer) return tell();
      kept = tl::unexpected(answer.error());
    }
    const Error error = made ? kept.error() : made.error();
    // Given up on purpose: nothing is wrong.
    const bool given_up = error.code == ErrorCode::kCancelled ||
                          (error.code == ErrorCode::kOverBudget && purse_.is_spent());
    if (!given_up) end_with({error.code, fmt::format("Item {}: {}", n, error.what)});
    // Should this fail, too, the item is free again when its lease ends.
    static_cast<void>(book_.give_back(n));
  }

  void tell() {
    if (!progress_) return;
    const std::lock_guard lock(mutex_);
    const auto made = book_.made();
    // Nobody misses a line of progress.
    if (made) progress_(state(*made));
  }

  [[nodiscard]] RunState state(std::uint64_t made) const {
    RunState now{.made = made, .before = found_, .all = book_.count()};
    now.seconds = purse_.taken().count();
    if (made > found_)
      now.seconds_left = now.seconds / static_cast<double>(made - found_) *
                         static_cast<double>(now.all - std::min(made, now.all));
    return now;
  }

  const RunOptions& options_;
  const MakeItem& make_;
  const Purse& purse_;
  Book& book_;
  const RunProgress& progress_;
  std::stop_source inner_;
  std::stop_callback<std::function<void()>> outer_;
  const std::uint64_t found_;
  std::mutex mutex_;
  std::optional<Error> failure_;  // guarded by mutex_
};

}  // namespace

Result<RunEnd> run(const RunOptions& options, const MakeItem& make, const Purse& purse, Book& book,
                   const RunProgress& progress, std::stop_token stop) {
  DRAMATIS_TRY(const auto found, book.made());
  Round round(options, make, purse, book, found, progress, stop);
  std::stop_source over;
  std::thread holder;
  if (book.pulse().count() > 0)
    holder = std::thread([&round, over] { round.hold(over.get_token()); });
  std::vector<std::thread> others;
  const std::uint64_t threads = std::min<std::uint64_t>(options.at_once, book.count() - found);
  for (std::uint64_t n = 1; n < threads; ++n) others.emplace_back([&round] { round.work(); });
  round.work();
  for (auto& thread : others) thread.join();
  over.request_stop();
  if (holder.joinable()) holder.join();
  return round.finish();
}

}  // namespace dramatis::dataset
