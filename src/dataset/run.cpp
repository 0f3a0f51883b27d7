// Numbered items of work -> their records in a journal.
#include "dataset/run.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <thread>
#include <vector>

#include <fmt/format.h>

namespace dramatis::dataset {
namespace {

using Items = std::set<std::uint64_t>;

Result<Items> made_before(const RunOptions& options, text::Journal& journal) {
  Items items;
  const auto& records = journal.found();
  if (records.empty()) {
    DRAMATIS_DO(journal.append(text::JsonObject{{"recipe", options.recipe}}));
    return items;
  }
  const text::Json* const recipe = records.front().find("recipe");
  if (recipe == nullptr || recipe->as_string() == nullptr ||
      *recipe->as_string() != options.recipe) {
    return fail(ErrorCode::kConflict,
                "The journal is of another recipe, seed, cast or model; name another file, or "
                "remove it.");
  }
  for (const auto& record : std::span(records).subspan(1)) {
    const text::Json* const item = record.find("item");
    if (item == nullptr || item->as_int() == nullptr || *item->as_int() < 0)
      return fail(ErrorCode::kCorrupt, "A record of the journal names no item.");
    items.insert(static_cast<std::uint64_t>(*item->as_int()));
  }
  return items;
}

// Waits unless it is told to stop.
void wait(std::chrono::milliseconds time, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any rung;
  std::unique_lock lock(mutex);
  static_cast<void>(rung.wait_for(lock, stop, time, [] { return false; }));
}

// Threads take its items one by one. Thread-safe.
class Round {
 public:
  Round(const RunOptions& options, const MakeItem& make, const Writer& writer, Items before,
        text::Journal& journal, const RunProgress& progress, const std::stop_token& stop)
      : options_(options),
        make_(make),
        writer_(writer),
        before_(std::move(before)),
        journal_(journal),
        progress_(progress),
        outer_(stop, [this] { inner_.request_stop(); }) {
    made_ = static_cast<std::uint64_t>(
        std::ranges::count_if(before_, [&](std::uint64_t n) { return n < options_.count; }));
    found_ = made_;
  }

  void work() {
    while (!inner_.stop_requested() && !writer_.is_spent()) {
      const std::uint64_t n = next_++;
      if (n >= options_.count) return;
      if (!before_.contains(n)) keep(n, try_item(n));
    }
  }

  Result<RunEnd> finish() {
    const std::lock_guard lock(mutex_);
    if (failure_) return tl::unexpected(*failure_);
    if (made_ >= options_.count) return RunEnd::kWhole;
    return writer_.is_spent() ? RunEnd::kSpent : RunEnd::kStopped;
  }

 private:
  Result<text::JsonObject> try_item(std::uint64_t n) {
    auto pause = options_.pause;
    for (std::size_t tried = 1;; ++tried, pause *= 2) {
      auto made = make_(n, inner_.get_token());
      if (made || made.error().code != ErrorCode::kUnavailable || tried >= options_.tries)
        return made;
      wait(pause, inner_.get_token());
      if (inner_.stop_requested()) return fail(ErrorCode::kCancelled, "The run was stopped.");
    }
  }

  void keep(std::uint64_t n, Result<text::JsonObject> made) {
    const std::lock_guard lock(mutex_);
    // Given up on purpose: nothing is wrong.
    const bool given_up =
        !made && (made.error().code == ErrorCode::kCancelled ||
                  (made.error().code == ErrorCode::kOverBudget && writer_.is_spent()));
    if (given_up) return;
    Status kept;
    if (made) {
      made->insert(made->begin(), {"item", static_cast<std::int64_t>(n)});
      kept = journal_.append(text::Json(*std::move(made)));
    }
    if (!made || !kept) {
      const Error& error = made ? kept.error() : made.error();
      if (!failure_) failure_ = Error{error.code, fmt::format("Item {}: {}", n, error.what)};
      inner_.request_stop();
      return;
    }
    ++made_;
    if (progress_) progress_(state());
  }

  [[nodiscard]] RunState state() const {
    RunState now{.made = made_, .before = found_, .all = options_.count};
    now.seconds = writer_.taken().count();
    const auto here = static_cast<double>(made_ - found_);
    if (here > 0)
      now.seconds_left = now.seconds / here * static_cast<double>(options_.count - made_);
    return now;
  }

  const RunOptions& options_;
  const MakeItem& make_;
  const Writer& writer_;
  const Items before_;
  text::Journal& journal_;
  const RunProgress& progress_;
  std::stop_source inner_;
  std::stop_callback<std::function<void()>> outer_;
  std::atomic<std::uint64_t> next_{0};
  std::mutex mutex_;
  std::uint64_t made_ = 0;        // guarded by mutex_
  std::uint64_t found_ = 0;       // fixed
  std::optional<Error> failure_;  // guarded by mutex_
};

}  // namespace

Result<RunEnd> run(const RunOptions& options, const MakeItem& make, const Writer& writer,
                   text::Journal& journal, const RunProgress& progress, std::stop_token stop) {
  DRAMATIS_TRY(auto before, made_before(options, journal));
  Round round(options, make, writer, std::move(before), journal, progress, stop);
  std::vector<std::thread> others;
  const std::uint64_t threads = std::min<std::uint64_t>(options.at_once, options.count);
  for (std::uint64_t n = 1; n < threads; ++n) others.emplace_back([&round] { round.work(); });
  round.work();
  for (auto& thread : others) thread.join();
  return round.finish();
}

}  // namespace dramatis::dataset
