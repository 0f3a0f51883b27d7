// One request under way: its work, its place among others, and the words on their way to the
// caller.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "engine/adapters.h"
#include "engine/work.h"
#include "lm/language_model.h"
#include "model/kv_cache.h"
#include "runtime/mutex.h"
#include "runtime/stop.h"

namespace dramatis::engine {

// Who asks, and how much of the prompt is everybody's.
struct Placement {
  lm::Asker asker{};
  std::size_t common = 0;  // tokens
  ChosenAdapters adapters{};
  std::size_t prompt_tokens = 0;  // for the count of those found and computed
};

// What the scheduler knows of a session. Its thread alone touches it, until the session is over.
struct Course {
  std::optional<model::KvCache> cache{};  // nothing: it waits
  std::uint64_t arrival = 0;              // smaller: earlier
  std::size_t rank = 0;      // how many earlier requests of the same player are not done
  std::size_t computed = 0;  // of the prompt's tokens, by this session itself
  Status outcome{};          // an error ends the session
  bool over = false;
};

// Shared by the caller, who may leave early, and the scheduler; the last to let go destroys it.
class Session {
 public:
  Session(std::unique_ptr<Work> work, Placement placement, runtime::Stop stop)
      : work_(std::move(work)), placement_(std::move(placement)), stop_(std::move(stop)) {}

  // For the caller. Waits for more words; nothing once the last has come. Errors: kCancelled;
  // kDeadline; what ended the session.
  [[nodiscard]] Result<std::optional<std::string>> hear();
  // The caller left: nobody wants the rest.
  void leave() { left_.store(true, std::memory_order_relaxed); }

  // For both. The caller may ask for it only after hear() gave nothing.
  [[nodiscard]] Work& work() { return *work_; }
  [[nodiscard]] const Placement& placement() const { return placement_; }
  [[nodiscard]] std::size_t computed_tokens() const { return course_.computed; }

  // For the scheduler.
  [[nodiscard]] Course& course() { return course_; }
  [[nodiscard]] Status still_wanted() const;
  void say(const std::string& words);
  // Nothing more is computed. Whoever hears of it may unload the adapters.
  void finish(Status outcome);

 private:
  const std::unique_ptr<Work> work_;
  Placement placement_;  // finish() lets go of its adapters; all else stays as it was
  const runtime::Stop stop_;
  Course course_;
  std::atomic<bool> left_{false};

  runtime::Mutex mutex_;
  std::condition_variable_any changed_;
  // A reply is bounded by lm::kMaxReplyTokens, so a slow listener costs no more than that.
  std::string unheard_ DRAMATIS_GUARDED_BY(mutex_);
  std::optional<Status> outcome_ DRAMATIS_GUARDED_BY(mutex_);
};

}  // namespace dramatis::engine
