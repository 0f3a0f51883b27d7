// Turns that are being taken, and those that just ended: their words so far, for clients that ask
// again and again, and a way to stop them.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "dialogue/npc.h"
#include "server/problem.h"

namespace dramatis::server {

// One of them. Thread-safe.
class TurnUnderway {
 public:
  TurnUnderway(TurnId id, dialogue::Pair pair) : id_(id), pair_(pair) {}

  [[nodiscard]] TurnId id() const { return id_; }
  [[nodiscard]] dialogue::Pair pair() const { return pair_; }

  void append(std::string_view words);
  // The turn was stored, under this id (another one where a client's key was used before), or
  // failed.
  void finish(TurnId stored);
  void finish(Failure failed);
  void cancel() { stop_.request_stop(); }
  [[nodiscard]] std::stop_token stop() const { return stop_.get_token(); }

  struct State {
    std::string words{};              // so far
    bool done = false;                // nothing follows
    std::optional<TurnId> stored{};   // done well
    std::optional<Failure> failed{};  // done ill
  };
  [[nodiscard]] State state() const;
  [[nodiscard]] bool is_done() const { return done_; }
  // Bytes that its words hold in memory.
  [[nodiscard]] std::size_t room() const;

 private:
  const TurnId id_;
  const dialogue::Pair pair_;
  std::stop_source stop_;
  mutable std::mutex mutex_;
  State state_;  // guarded by mutex_
  std::atomic<bool> done_{false};
};

// Thread-safe. Bounded: what has ended is kept for a while, and makes room for what begins.
class TurnsUnderway {
 public:
  explicit TurnsUnderway(const Clock& clock) : clock_(clock) {}

  // kConflict where a turn with this id is under way, kUnavailable where too many are.
  [[nodiscard]] Result<std::shared_ptr<TurnUnderway>> begin(TurnId id, dialogue::Pair pair);
  // Null where it is neither under way nor ended lately.
  [[nodiscard]] std::shared_ptr<TurnUnderway> find(TurnId id) const;
  // All are told to stop: the service ends.
  void cancel_all();
  // Those that have not ended.
  [[nodiscard]] std::size_t size() const;

 private:
  struct Begun {
    TurnId id{};
    SteadyTime at{};
    std::shared_ptr<TurnUnderway> turn{};  // the table's and its taker's; the last one lets it go
  };
  void make_room();             // under mutex_
  [[nodiscard]] bool let_go();  // under mutex_: the oldest one, where it has ended

  const Clock& clock_;
  mutable std::mutex mutex_;
  std::map<TurnId, std::shared_ptr<TurnUnderway>> turns_;  // guarded by mutex_
  // Likewise, about in the order in which they began. A turn that was begun anew under its id is
  // here twice; the older one is nobody's any more.
  std::deque<Begun> order_;
};

}  // namespace dramatis::server
