// A line of tickets for each pair; empty lines are forgotten.
#include "dialogue/turnstile.h"

#include <algorithm>

#include <fmt/format.h>

namespace dramatis::dialogue {

Turnstile::Pass::~Pass() {
  if (turnstile_ != nullptr) turnstile_->leave(pair_);
}

Result<Turnstile::Pass> Turnstile::enter(Pair pair, const std::stop_token& stop,
                                         std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  auto& line = lines_[pair];
  if (line.size() > kMaxWaitingTurns) {
    return fail(
        ErrorCode::kConflict,
        fmt::format(
            "{} turns of this player with {} are under way; send the next when they have ended.",
            line.size(), print_id(pair.npc)));
  }
  const std::uint64_t ticket = next_ticket_++;
  line.push_back(ticket);
  if (moved_.wait_for(lock, stop, patience, [&line, ticket] { return line.front() == ticket; })) {
    return Pass(*this, pair);
  }
  give_up(pair, ticket);
  if (stop.stop_requested())
    return fail(ErrorCode::kCancelled, "The turn was stopped while it waited.");
  return fail(ErrorCode::kConflict,
              fmt::format("Another turn of this player with {} has not ended within {} ms.",
                          print_id(pair.npc), patience.count()));
}

std::size_t Turnstile::size() const {
  const std::lock_guard lock(mutex_);
  std::size_t turns = 0;
  for (const auto& [pair, line] : lines_) turns += line.size();
  return turns;
}

void Turnstile::leave(Pair pair) {
  const std::lock_guard lock(mutex_);
  const auto at = lines_.find(pair);
  at->second.pop_front();
  if (at->second.empty()) lines_.erase(at);
  moved_.notify_all();
}

void Turnstile::give_up(Pair pair, std::uint64_t ticket) {
  const auto at = lines_.find(pair);
  std::erase(at->second, ticket);
  if (at->second.empty()) lines_.erase(at);
}

}  // namespace dramatis::dialogue
