// A queue of tickets: the first is inside, who gives up takes theirs out.
#include "runtime/turnstile.h"

#include <algorithm>

#include <fmt/format.h>

namespace dramatis::runtime {

Result<Turnstile::Pass> Turnstile::enter(const Stop& stop) {
  const Lock lock(mutex_);
  if (tickets_.size() >= places_) {
    return fail(
        ErrorCode::kUnavailable,
        fmt::format("{} callers are at the model already, at most {} may wait; try again later.",
                    tickets_.size(), places_));
  }
  const auto mine = next_ticket_++;
  tickets_.push_back(mine);
  const auto my_turn = [this, mine]()
                           DRAMATIS_REQUIRES(mutex_) { return tickets_.front() == mine; };
  const bool inside = stop.deadline ? moved_.wait_until(mutex_, stop.token, *stop.deadline, my_turn)
                                    : moved_.wait(mutex_, stop.token, my_turn);
  if (inside) return Pass(*this);
  tickets_.erase(std::ranges::find(tickets_, mine));
  if (stop.token.stop_requested()) {
    return fail(ErrorCode::kCancelled, "The caller asked to stop while waiting for the model.");
  }
  return fail(ErrorCode::kDeadline, "The time allowed for the reply has passed in the queue.");
}

void Turnstile::leave() {
  const Lock lock(mutex_);
  tickets_.pop_front();
  moved_.notify_all();
}

std::size_t Turnstile::size() const {
  const Lock lock(mutex_);
  return tickets_.size();
}

}  // namespace dramatis::runtime
