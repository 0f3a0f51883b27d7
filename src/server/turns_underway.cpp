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
  // The store has them now; an empty text would keep their room.
  std::string().swap(state_.words);
  done_ = true;
}

void TurnUnderway::finish(Failure failed) {
  const std::lock_guard lock(mutex_);
  state_.done = true;
  state_.failed = std::move(failed);
  state_.words.shrink_to_fit();
  done_ = true;
}

TurnUnderway::State TurnUnderway::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

std::size_t TurnUnderway::room() const {
  const std::lock_guard lock(mutex_);
  return state_.words.capacity();
}

Result<std::shared_ptr<TurnUnderway>> TurnsUnderway::begin(TurnId id, dialogue::Pair pair) {
  const std::lock_guard lock(mutex_);
  const auto found = turns_.find(id);
  if (found != turns_.end() && !found->second->is_done())
    return fail(ErrorCode::kConflict, "This turn is under way already.");
  make_room();
  if (turns_.size() >= kMaxTurnsUnderway)
    return fail(ErrorCode::kUnavailable, "Too many turns are under way.");
  auto turn = std::make_shared<TurnUnderway>(id, pair);
  turns_[id] = turn;
  order_.push_back({.id = id, .at = clock_.steady(), .turn = turn});
  return turn;
}

// Each call lets a few of the oldest go that ended long ago, so that no call has many to look at;
// where the table is full, whatever ended.
void TurnsUnderway::make_room() {
  constexpr int kLooks = 4;
  const SteadyTime long_ago = clock_.steady() - kTurnKeptTime;
  for (int n = 0; n < kLooks && !order_.empty() && order_.front().at < long_ago; ++n)
    static_cast<void>(let_go());
  for (std::size_t left = order_.size(); left > 0 && order_.size() >= kMaxTurnsUnderway; --left) {
    if (let_go()) return;
  }
}

bool TurnsUnderway::let_go() {
  Begun oldest = std::move(order_.front());
  order_.pop_front();
  if (!oldest.turn->is_done()) {
    order_.push_back(std::move(oldest));
    return false;
  }
  const auto known = turns_.find(oldest.id);
  if (known != turns_.end() && known->second == oldest.turn) turns_.erase(known);
  return true;
}

std::shared_ptr<TurnUnderway> TurnsUnderway::find(TurnId id) const {
  const std::lock_guard lock(mutex_);
  const auto found = turns_.find(id);
  return found == turns_.end() ? nullptr : found->second;
}

void TurnsUnderway::cancel_all() {
  const std::lock_guard lock(mutex_);
  for (auto& [id, turn] : turns_) turn->cancel();
}

std::size_t TurnsUnderway::size() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(
      std::ranges::count_if(turns_, [](const auto& entry) { return !entry.second->is_done(); }));
}

}  // namespace dramatis::server
