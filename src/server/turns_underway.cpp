// A map under a mutex.
#include "server/turns_underway.h"

#include <algorithm>

#include "server/limits.h"

namespace dramatis::server {

void TurnUnderway::append(std::string_view words) {
  const std::lock_guard lock(mutex_);
  state_.words += words;
}

void TurnUnderway::finish(TurnId stored) {
  const std::lock_guard lock(mutex_);
  state_.done = true;
  state_.stored = stored;
  state_.words = {};  // the store has them now
}

void TurnUnderway::finish(Failure failed) {
  const std::lock_guard lock(mutex_);
  state_.done = true;
  state_.failed = std::move(failed);
}

TurnUnderway::State TurnUnderway::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

Result<std::shared_ptr<TurnUnderway>> TurnsUnderway::begin(TurnId id, dialogue::Pair pair) {
  const std::lock_guard lock(mutex_);
  const auto found = turns_.find(id);
  if (found != turns_.end() && !found->second.turn->state().done)
    return fail(ErrorCode::kConflict, "This turn is under way already.");
  make_room();
  if (turns_.size() >= kMaxTurnsUnderway)
    return fail(ErrorCode::kUnavailable, "Too many turns are under way.");
  auto turn = std::make_shared<TurnUnderway>(id, pair);
  turns_[id] = {.turn = turn, .begun = clock_.steady()};
  return turn;
}

// What ended long ago goes; where that is not enough, what ended at all.
void TurnsUnderway::make_room() {
  const SteadyTime now = clock_.steady();
  if (turns_.size() < kMaxTurnsUnderway / 2) return;
  std::erase_if(turns_, [now](const auto& entry) {
    return entry.second.turn->state().done && now - entry.second.begun > kTurnKeptTime;
  });
  if (turns_.size() < kMaxTurnsUnderway) return;
  std::erase_if(turns_, [](const auto& entry) { return entry.second.turn->state().done; });
}

std::shared_ptr<TurnUnderway> TurnsUnderway::find(TurnId id) const {
  const std::lock_guard lock(mutex_);
  const auto found = turns_.find(id);
  return found == turns_.end() ? nullptr : found->second.turn;
}

void TurnsUnderway::cancel_all() {
  const std::lock_guard lock(mutex_);
  for (auto& [id, entry] : turns_) entry.turn->cancel();
}

std::size_t TurnsUnderway::size() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(std::ranges::count_if(
      turns_, [](const auto& entry) { return !entry.second.turn->state().done; }));
}

}  // namespace dramatis::server
