// Outcomes of requests to one service -> whether it is worth asking now.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "base/random.h"

namespace dramatis::remote {

// A circuit breaker. Closed, it lets every request through, until kBreakerRow fail in a row or half
// of the last minute's do. Open, it lets none through for a pause that is drawn and doubles with
// each opening. Half open, it lets one through at a time: kBreakerTrials good ones close it, a bad
// one opens it again. One thread at a time.
class Breaker {
 public:
  enum class State { kClosed, kHalfOpen, kOpen };

  // What was let through; its outcome is told with it. Outcomes of an earlier state count no more.
  struct Ticket {
    std::uint64_t era = 0;
    bool is_trial = false;
  };

  explicit Breaker(Rng jitter, SteadyTime now = {}) : jitter_(jitter), changed_(now) {}

  [[nodiscard]] State state(SteadyTime now) const;
  // When it was closed, or opened for the first time since it was.
  [[nodiscard]] SteadyTime changed() const { return changed_; }
  // Whether admit() would give a ticket.
  [[nodiscard]] bool admits(SteadyTime now) const;
  // Nothing: do not ask now. Each ticket ends in one of the four below.
  [[nodiscard]] std::optional<Ticket> admit(SteadyTime now);

  void succeed(const Ticket& ticket, SteadyTime now);
  // A sign of life that is no reply: alone it never closes a breaker.
  void show_life(const Ticket& ticket);
  void fail(const Ticket& ticket, SteadyTime now);
  // The outcome says nothing about the service.
  void forget(const Ticket& ticket);

  // Open for `pause` at least, whatever came before: until an operator has mended something.
  void disable(SteadyTime now, std::chrono::milliseconds pause);

 private:
  void open(SteadyTime now, std::chrono::milliseconds least);
  void close(SteadyTime now);
  void forget_before(SteadyTime then);

  Rng jitter_;
  std::uint64_t era_ = 0;  // moves with the state
  bool is_open_ = false;   // or half open, once open_until_ has passed
  SteadyTime open_until_{};
  SteadyTime closed_since_{};
  SteadyTime changed_{};
  int openings_ = 0;  // without a minute of rest between them
  bool trial_out_ = false;
  int good_trials_ = 0;
  int bad_row_ = 0;
  std::size_t bad_ = 0;                             // of lately_
  std::deque<std::pair<SteadyTime, bool>> lately_;  // outcomes while closed; true: bad
};

}  // namespace dramatis::remote
