// The compute thread says, the caller's hears; neither waits for the other longer than a lock.
#include "engine/session.h"

#include <utility>

namespace dramatis::engine {

Result<std::optional<std::string>> Session::hear() {
  const runtime::Lock lock(mutex_);
  const auto heard = [this]() DRAMATIS_REQUIRES(mutex_) { return outcome_ || !unheard_.empty(); };
  const bool came = stop_.deadline
                        ? changed_.wait_until(mutex_, stop_.token, *stop_.deadline, heard)
                        : changed_.wait(mutex_, stop_.token, heard);
  if (!came || stop_.token.stop_requested()) {
    DRAMATIS_DO(stop_.check());
    return fail(ErrorCode::kInternal, "A wait for words ended without words or a reason.");
  }
  if (!unheard_.empty()) return std::optional(std::exchange(unheard_, {}));
  DRAMATIS_DO(*outcome_);
  return std::optional<std::string>();
}

Status Session::still_wanted() const {
  if (left_.load(std::memory_order_relaxed))
    return fail(ErrorCode::kCancelled, "The caller has left.");
  return stop_.check();
}

void Session::say(const std::string& words) {
  if (words.empty()) return;
  {
    const runtime::Lock lock(mutex_);
    unheard_ += words;
  }
  changed_.notify_all();
}

void Session::finish(Status outcome) {
  // Before the caller knows: the scheduler may hold the session for a moment longer.
  placement_.adapters.uses.clear();
  placement_.adapters.kept.clear();
  // Notified under the lock: the caller may destroy the session as soon as it sees the outcome.
  const runtime::Lock lock(mutex_);
  outcome_ = std::move(outcome);
  changed_.notify_all();
}

}  // namespace dramatis::engine
