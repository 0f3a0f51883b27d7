// Sessions that wait and sessions that run, and the pages between them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/page_tree.h"
#include "engine/session.h"
#include "model/kv_pool.h"

namespace dramatis::engine {

// Seats sessions while there are pages for all they can come to have, so that none runs dry: who
// finds no room waits. Order: players before background work; of one player's requests the first
// stands with the first of all others, its second behind them; then who came first. One thread at a
// time.
class Table {
 public:
  using Ref = std::shared_ptr<Session>;

  explicit Table(std::shared_ptr<model::KvPool> pool) : pool_(std::move(pool)) {}

  // Whether a sequence of so many tokens can ever be seated; else kOverBudget with the sum.
  [[nodiscard]] static Status judge(const model::KvPool& pool, std::size_t tokens);

  void add(Ref session);
  // Ends the sessions whose callers have left or whose time has passed.
  void drop_unwanted();
  // Seats who may be, then lets those who are in their common beginning take what others computed.
  void seat();
  // Who is to be computed, in order: background work alone while no player is here.
  [[nodiscard]] std::vector<Session*> running();
  // Keeps what a step added to the common beginning of `session`, which held `before` tokens.
  void keep_common(Session& session, std::size_t before);
  // Ends a session and keeps the pages of its conversation.
  void end(Session& session, Status outcome);
  void end_all(const Error& why);

  // Sessions that ended since the last call; their callers do not know yet.
  [[nodiscard]] std::vector<Ref> take_ended();
  [[nodiscard]] std::size_t size() const { return waiting_.size() + running_.size(); }
  [[nodiscard]] std::size_t seated() const { return running_.size(); }
  [[nodiscard]] const PageTree& pages() const { return tree_; }
  [[nodiscard]] PageTree& pages() { return tree_; }

 private:
  enum class Seat { kTaken, kNoRoom, kNotYet };

  void sort();
  [[nodiscard]] Seat try_seat(Session& session);
  [[nodiscard]] bool make_room(std::size_t pages);
  [[nodiscard]] bool unseat_background();
  void share_common(Session& session);
  [[nodiscard]] std::size_t promised_pages() const;
  [[nodiscard]] bool holds_players() const;
  [[nodiscard]] std::size_t seated_of(const std::string& player) const;

  std::shared_ptr<model::KvPool> pool_;
  PageTree tree_;
  std::vector<Ref> waiting_;
  std::vector<Ref> running_;
  std::vector<Ref> ended_;
  std::uint64_t arrivals_ = 0;
};

}  // namespace dramatis::engine
