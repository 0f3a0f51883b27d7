// Requests for one model -> the place among several that is asked next.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "lm/health.h"
#include "remote/breaker.h"
#include "remote/exchange.h"
#include "runtime/mutex.h"

namespace dramatis::remote {

// What an operator says of a place.
struct Seat {
  std::string name{};
  double weight = 1;               // twice the weight: twice as many requests. Above 0
  std::size_t most_in_flight = 8;  // requests at once; the next one waits or goes elsewhere
};

// Spreads by the fewest requests under way for the weight, then by the fewest so far. Leaves out
// who is down, who asked for a pause, and who is full. Thread-safe.
class Pool {
 public:
  // A place taken; it is given back once.
  struct Place {
    std::size_t seat = 0;
    Breaker::Ticket ticket{};
  };
  // What became of it.
  enum class End {
    kWell,
    kLives,  // a sign of life, no reply
    kNobodysFault,
    kFailed,
  };
  // Places that a request has been to, by seat.
  using Seats = std::vector<bool>;

  // `clock` outlives it. Checked: 1 to kMaxEndpoints seats with weights above 0 and places.
  Pool(std::vector<Seat> seats, Rng jitter, const Clock& clock);

  // The next place that is not among `left_out`, waiting until one is free. Errors: kUnavailable
  // where none can be asked, naming why, or too many wait; kDeadline after `until`; kCancelled.
  [[nodiscard]] Result<Place> take(const Seats& left_out, SteadyTime until,
                                   const std::stop_token& stop);
  void give_back(const Place& place, End end);
  // The same after a failure.
  void give_back(const Place& place, const Failure& failure);

  // Places that nobody asked for a while, or whose pause is over: for a look at them.
  [[nodiscard]] std::vector<Place> take_idle();

  [[nodiscard]] std::vector<lm::EndpointHealth> health() const;
  [[nodiscard]] std::size_t size() const { return count_; }

 private:
  struct Entry {
    Seat seat;
    Breaker breaker;
    std::size_t in_flight = 0;
    double asked = 0;  // for the weight, so far
    SteadyTime last{};
    SteadyTime rests_until{};
    std::string last_error{};
  };
  // What a look over all seats found.
  struct Look {
    std::optional<std::size_t> best{};
    bool full = false;                  // somebody could be asked if a request of his ended
    std::optional<SteadyTime> wakes{};  // when the first of those who rest may be asked again
  };

  [[nodiscard]] Look look(const Seats& left_out, SteadyTime now) const DRAMATIS_REQUIRES(mutex_);
  [[nodiscard]] Place take_seat(std::size_t seat, SteadyTime now) DRAMATIS_REQUIRES(mutex_);
  [[nodiscard]] Status wait(SteadyTime until, const std::stop_token& stop)
      DRAMATIS_REQUIRES(mutex_);
  [[nodiscard]] std::string why_none(const Seats& left_out) const DRAMATIS_REQUIRES(mutex_);

  const std::size_t count_;
  const Clock& clock_;
  mutable runtime::Mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<Entry> entries_ DRAMATIS_GUARDED_BY(mutex_);
  std::size_t waiting_ DRAMATIS_GUARDED_BY(mutex_) = 0;
  std::uint64_t changes_ DRAMATIS_GUARDED_BY(mutex_) = 0;  // places given back so far
};

}  // namespace dramatis::remote
