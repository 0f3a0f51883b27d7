// One lock, held for a look over a short list.
#include "remote/pool.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/check.h"
#include "remote/limits.h"

namespace dramatis::remote {

using runtime::Lock;

Pool::Pool(std::vector<Seat> seats, Rng jitter, const Clock& clock)
    : count_(seats.size()), clock_(clock) {
  DRAMATIS_CHECK(count_ > 0 && count_ <= kMaxEndpoints);
  for (auto& seat : seats) {
    DRAMATIS_CHECK(std::isfinite(seat.weight) && seat.weight > 0 && seat.most_in_flight > 0);
    entries_.push_back(
        {.seat = std::move(seat), .breaker = Breaker(Rng(jitter.next()), clock_.steady())});
  }
}

Pool::Look Pool::look(const Seats& left_out, SteadyTime now) const {
  Look found;
  const auto busier = [this](std::size_t a, std::size_t b) DRAMATIS_REQUIRES(mutex_) {
    const Entry& left = entries_[a];
    const Entry& right = entries_[b];
    const double load_left = static_cast<double>(left.in_flight) / left.seat.weight;
    const double load_right = static_cast<double>(right.in_flight) / right.seat.weight;
    return load_left != load_right ? load_left > load_right : left.asked > right.asked;
  };
  for (std::size_t n = 0; n < entries_.size(); ++n) {
    const Entry& entry = entries_[n];
    if (n < left_out.size() && left_out[n]) continue;
    if (!entry.breaker.admits(now)) continue;
    if (now < entry.rests_until) {
      found.wakes = std::min(found.wakes.value_or(entry.rests_until), entry.rests_until);
    } else if (entry.in_flight >= entry.seat.most_in_flight) {
      found.full = true;
    } else if (!found.best || busier(*found.best, n)) {
      found.best = n;
    }
  }
  return found;
}

Pool::Place Pool::take_seat(std::size_t seat, SteadyTime now) {
  Entry& entry = entries_[seat];
  const auto ticket = entry.breaker.admit(now);
  DRAMATIS_CHECK(ticket.has_value());
  ++entry.in_flight;
  entry.last = now;
  return {.seat = seat, .ticket = *ticket};
}

Status Pool::wait(SteadyTime until, const std::stop_token& stop) {
  if (waiting_ >= kMaxWaiting) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("All services are busy and {} callers wait already; try again later.",
                            waiting_));
  }
  ++waiting_;
  const auto moved = [this, before = changes_]()
                         DRAMATIS_REQUIRES(mutex_) { return changes_ != before; };
  changed_.wait_for(mutex_, stop, until - clock_.steady(), moved);
  --waiting_;
  return {};
}

Result<Pool::Place> Pool::take(const Seats& left_out, SteadyTime until,
                               const std::stop_token& stop) {
  const Lock lock(mutex_);
  for (;;) {
    const SteadyTime now = clock_.steady();
    if (stop.stop_requested()) return fail(ErrorCode::kCancelled, "The call was stopped.");
    if (now >= until) {
      return fail(ErrorCode::kDeadline, "The time allowed passed before a service was free.");
    }
    const Look found = look(left_out, now);
    if (found.best) {
      Entry& entry = entries_[*found.best];
      entry.asked += 1 / entry.seat.weight;
      return take_seat(*found.best, now);
    }
    // Nobody waits for a pause that ends after they would have left.
    const bool worth = found.wakes && *found.wakes < until && *found.wakes - now <= kMaxRetryAfter;
    if (!found.full && !worth) return fail(ErrorCode::kUnavailable, why_none(left_out));
    DRAMATIS_DO(wait(worth ? *found.wakes : until, stop));
  }
}

void Pool::give_back(const Place& place, End end) {
  const Lock lock(mutex_);
  Entry& entry = entries_[place.seat];
  const SteadyTime now = clock_.steady();
  --entry.in_flight;
  if (end == End::kWell) {
    entry.breaker.succeed(place.ticket, now);
    entry.last_error.clear();
  }
  if (end == End::kLives) entry.breaker.show_life(place.ticket);
  if (end == End::kNobodysFault) entry.breaker.forget(place.ticket);
  if (end == End::kFailed) entry.breaker.fail(place.ticket, now);
  ++changes_;
  changed_.notify_all();
}

void Pool::give_back(const Place& place, const Failure& failure) {
  {
    const Lock lock(mutex_);
    Entry& entry = entries_[place.seat];
    const SteadyTime now = clock_.steady();
    if (failure.blame != Blame::kNobody) {
      entry.last_error = failure.gist.empty() ? failure.error.what : failure.gist;
    }
    if (failure.blame == Blame::kOperator) entry.breaker.disable(now, kOperatorPause);
    if (failure.after) {
      constexpr std::chrono::milliseconds kMost = kMaxRest;
      entry.rests_until = std::max(entry.rests_until, now + std::min(*failure.after, kMost));
    }
  }
  // Who asks for a pause is well enough to ask for it.
  const bool counts = failure.blame == Blame::kService && !failure.after;
  give_back(place, counts ? End::kFailed : End::kNobodysFault);
}

std::vector<Pool::Place> Pool::take_idle() {
  const Lock lock(mutex_);
  const SteadyTime now = clock_.steady();
  std::vector<Place> idle;
  for (std::size_t n = 0; n < entries_.size(); ++n) {
    const Entry& entry = entries_[n];
    if (!entry.breaker.admits(now) || now < entry.rests_until) continue;
    const bool was_down = entry.breaker.state(now) == Breaker::State::kHalfOpen;
    const bool is_quiet = entry.in_flight == 0 && now - entry.last >= kPulseInterval;
    if (was_down || is_quiet) idle.push_back(take_seat(n, now));
  }
  return idle;
}

std::string Pool::why_none(const Seats& left_out) const {
  std::string why;
  for (std::size_t n = 0; n < entries_.size(); ++n) {
    if (n < left_out.size() && left_out[n]) continue;
    if (!entries_[n].last_error.empty()) why = entries_[n].last_error;
  }
  return fmt::format("None of {} services can be asked now.{}{}", entries_.size(),
                     why.empty() ? "" : " The last said: ", why);
}

std::vector<lm::EndpointHealth> Pool::health() const {
  const Lock lock(mutex_);
  const SteadyTime now = clock_.steady();
  std::vector<lm::EndpointHealth> all;
  for (const auto& entry : entries_) {
    const auto state = entry.breaker.state(now);
    all.push_back({.name = entry.seat.name,
                   .state = state == Breaker::State::kClosed     ? lm::EndpointState::kUp
                            : state == Breaker::State::kHalfOpen ? lm::EndpointState::kHalfOpen
                                                                 : lm::EndpointState::kDown,
                   .in_flight = entry.in_flight,
                   .lasted = std::chrono::duration_cast<std::chrono::milliseconds>(
                       now - entry.breaker.changed()),
                   .last_error = entry.last_error});
  }
  return all;
}

}  // namespace dramatis::remote
