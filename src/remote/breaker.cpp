// Half open is open with the pause over: no timer runs.
#include "remote/breaker.h"

#include <algorithm>

#include "remote/limits.h"

namespace dramatis::remote {

Breaker::State Breaker::state(SteadyTime now) const {
  if (!is_open_) return State::kClosed;
  return now < open_until_ ? State::kOpen : State::kHalfOpen;
}

bool Breaker::admits(SteadyTime now) const {
  const State is = state(now);
  return is == State::kClosed || (is == State::kHalfOpen && !trial_out_);
}

std::optional<Breaker::Ticket> Breaker::admit(SteadyTime now) {
  if (!admits(now)) return std::nullopt;
  trial_out_ = is_open_;
  return Ticket{.era = era_, .is_trial = is_open_};
}

void Breaker::succeed(const Ticket& ticket, SteadyTime now) {
  if (ticket.era != era_) return;
  if (ticket.is_trial) {
    trial_out_ = false;
    if (++good_trials_ >= kBreakerTrials) close(now);
    return;
  }
  bad_row_ = 0;
  lately_.emplace_back(now, false);
  forget_before(now - kBreakerWindow);
  if (now - closed_since_ > kBreakerWindow) openings_ = 0;
}

void Breaker::show_life(const Ticket& ticket) {
  if (ticket.era != era_ || !ticket.is_trial) return;
  trial_out_ = false;
  good_trials_ = std::min(good_trials_ + 1, kBreakerTrials - 1);
}

void Breaker::fail(const Ticket& ticket, SteadyTime now) {
  if (ticket.era != era_) return;
  if (ticket.is_trial) return open(now, {});
  lately_.emplace_back(now, true);
  ++bad_;
  forget_before(now - kBreakerWindow);
  const bool half_bad = lately_.size() >= kBreakerSample && bad_ * 2 >= lately_.size();
  if (++bad_row_ >= kBreakerRow || half_bad) open(now, {});
}

void Breaker::forget(const Ticket& ticket) {
  if (ticket.era == era_ && ticket.is_trial) trial_out_ = false;
}

void Breaker::disable(SteadyTime now, std::chrono::milliseconds pause) {
  open(now, pause);
}

void Breaker::open(SteadyTime now, std::chrono::milliseconds least) {
  constexpr std::chrono::milliseconds kMost = kMaxBreakerPause;
  const auto whole =
      std::min(kMost, std::chrono::milliseconds(kBreakerPause) * (1 << std::min(openings_, 16)));
  // At least half of it, so that many clients of one service do not return together, nor at once.
  const auto half = whole / 2;
  const auto drawn =
      half + std::chrono::milliseconds(jitter_.below(static_cast<std::uint64_t>(half.count()) + 1));
  ++era_;
  ++openings_;
  if (!is_open_) changed_ = now;
  is_open_ = true;
  open_until_ = now + std::max(drawn, least);
  trial_out_ = false;
  good_trials_ = 0;
}

void Breaker::close(SteadyTime now) {
  ++era_;
  is_open_ = false;
  closed_since_ = now;
  changed_ = now;
  bad_row_ = 0;
  bad_ = 0;
  lately_.clear();
}

void Breaker::forget_before(SteadyTime then) {
  while (!lately_.empty() && (lately_.front().first < then || lately_.size() > kBreakerMemory)) {
    if (lately_.front().second) --bad_;
    lately_.pop_front();
  }
}

}  // namespace dramatis::remote
