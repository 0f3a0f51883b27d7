// Callers from many threads -> one at a time, in the order in which they came.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>

#include "base/result.h"
#include "runtime/mutex.h"
#include "runtime/stop.h"

namespace dramatis::runtime {

// Thread-safe.
class Turnstile {
 public:
  // Held by the caller whose turn it is; letting go lets the next one in. Must not outlive the
  // Turnstile.
  class Pass {
   public:
    explicit Pass(Turnstile& from) : from_(&from) {}
    Pass(Pass&&) noexcept = default;
    Pass& operator=(Pass&&) noexcept = default;

   private:
    struct Leave {
      void operator()(Turnstile* turnstile) const { turnstile->leave(); }
    };
    std::unique_ptr<Turnstile, Leave> from_;
  };

  // At most `places` callers, the one inside included.
  explicit Turnstile(std::size_t places) : places_(places) {}

  // Waits for the caller's turn. Errors: kUnavailable where all places are taken; kCancelled;
  // kDeadline.
  [[nodiscard]] Result<Pass> enter(const Stop& stop);

  // Callers inside and waiting.
  [[nodiscard]] std::size_t size() const;

 private:
  void leave();

  const std::size_t places_;
  mutable Mutex mutex_;
  std::condition_variable_any moved_;
  std::uint64_t next_ticket_ DRAMATIS_GUARDED_BY(mutex_) = 0;
  std::deque<std::uint64_t> tickets_ DRAMATIS_GUARDED_BY(mutex_);  // the first is inside
};

}  // namespace dramatis::runtime
