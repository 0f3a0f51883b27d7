// One turn of a pair at a time; the next ones wait in line, a few of them, for a while.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <stop_token>

#include "base/result.h"
#include "dialogue/limits.h"
#include "dialogue/store.h"

namespace dramatis::dialogue {

// Thread-safe.
class Turnstile {
 public:
  // Holds the pair's place until it dies. The turnstile outlives it.
  class Pass {
   public:
    Pass(Turnstile& turnstile, Pair pair) : turnstile_(&turnstile), pair_(pair) {}
    Pass(Pass&& other) noexcept
        : turnstile_(std::exchange(other.turnstile_, nullptr)), pair_(other.pair_) {}
    Pass& operator=(Pass&&) = delete;
    ~Pass();

   private:
    Turnstile* turnstile_;
    Pair pair_;
  };

  // Waits until the turns of `pair` that came before have ended. Errors: kConflict when
  // kMaxWaitingTurns wait already or `patience` is at its end, kCancelled.
  [[nodiscard]] Result<Pass> enter(Pair pair, const std::stop_token& stop,
                                   std::chrono::milliseconds patience = kMaxTurnWait);
  // Turns inside or waiting, of all pairs.
  [[nodiscard]] std::size_t size() const;

 private:
  void leave(Pair pair);
  void give_up(Pair pair, std::uint64_t ticket);

  mutable std::mutex mutex_;
  std::condition_variable_any moved_;
  std::map<Pair, std::deque<std::uint64_t>> lines_;  // the first of a line is inside
  std::uint64_t next_ticket_ = 0;
};

}  // namespace dramatis::dialogue
