// A store in memory, for tests: forgets everything when it dies.
#pragma once

#include <algorithm>
#include <mutex>
#include <vector>

#include <fmt/format.h>

#include "dialogue/limits.h"
#include "dialogue/store.h"

namespace dramatis::dialogue::testing {

// Where the entry with `id` stands in `list`, or its end.
template <class List, class Id>
auto at(List& list, Id id) {
  return std::ranges::find_if(list, [id](const auto& entry) { return entry.id == id; });
}

// Thread-safe.
class MemoryStore final : public Store {
 public:
  [[nodiscard]] Result<User> add_user(const User& user) override {
    const std::lock_guard lock(mutex_);
    if (at(users_, user.id) != users_.end()) return fail(ErrorCode::kConflict, "The id is taken.");
    User added = user;
    for (std::size_t n = 1; named(added.name) != users_.end(); ++n) {
      if (n > kMaxNamesakes)
        return fail(ErrorCode::kOverBudget, "Too many players bear this name.");
      added.name = fmt::format("{}_{}", user.name, n);
    }
    users_.push_back(added);
    return added;
  }
  [[nodiscard]] Result<User> find_user(UserId id) const override {
    const std::lock_guard lock(mutex_);
    const auto found = at(users_, id);
    if (found == users_.end()) return tl::unexpected(no_such(id));
    return *found;
  }
  [[nodiscard]] Result<User> find_user_named(std::string_view name) const override {
    const std::lock_guard lock(mutex_);
    const auto found = named(name);
    if (found == users_.end())
      return fail(ErrorCode::kUserNotFound, fmt::format("No player is named '{}'.", name));
    return *found;
  }
  [[nodiscard]] Result<std::vector<User>> list_users() const override {
    const std::lock_guard lock(mutex_);
    return users_;
  }
  [[nodiscard]] Status remove_user(UserId id) override {
    const std::lock_guard lock(mutex_);
    if (at(users_, id) == users_.end()) return tl::unexpected(no_such(id));
    std::erase_if(users_, [id](const User& user) { return user.id == id; });
    std::erase_if(turns_, [id](const Turn& turn) { return turn.pair.user == id; });
    return {};
  }

  [[nodiscard]] Status add_npc(const Npc& npc) override {
    const std::lock_guard lock(mutex_);
    if (at(npcs_, npc.id) != npcs_.end()) return fail(ErrorCode::kConflict, "The id is taken.");
    npcs_.push_back(npc);
    return {};
  }
  [[nodiscard]] Result<Npc> find_npc(NpcId id) const override {
    const std::lock_guard lock(mutex_);
    const auto found = at(npcs_, id);
    if (found == npcs_.end()) return tl::unexpected(no_such(id));
    return *found;
  }
  [[nodiscard]] Result<std::vector<Npc>> list_npcs() const override {
    const std::lock_guard lock(mutex_);
    return npcs_;
  }
  [[nodiscard]] Status remove_npc(NpcId id) override {
    const std::lock_guard lock(mutex_);
    if (at(npcs_, id) == npcs_.end()) return tl::unexpected(no_such(id));
    std::erase_if(npcs_, [id](const Npc& npc) { return npc.id == id; });
    std::erase_if(turns_, [id](const Turn& turn) { return turn.pair.npc == id; });
    return {};
  }

  [[nodiscard]] Result<std::vector<Turn>> newest_turns(Pair pair,
                                                       std::size_t count) const override {
    const std::lock_guard lock(mutex_);
    DRAMATIS_DO(known(pair));
    std::vector<Turn> found;
    for (const auto& turn : turns_) {
      if (turn.pair == pair) found.push_back(turn);
    }
    found.erase(found.begin(),
                found.end() - static_cast<std::ptrdiff_t>(std::min(count, found.size())));
    return found;
  }
  [[nodiscard]] Result<std::optional<Turn>> find_turn(Pair pair,
                                                      std::string_view key) const override {
    const std::lock_guard lock(mutex_);
    DRAMATIS_DO(known(pair));
    for (const auto& turn : turns_) {
      if (turn.pair == pair && !key.empty() && turn.key == key) return turn;
    }
    return std::nullopt;
  }
  [[nodiscard]] Status add_turn(const Turn& turn) override {
    const std::lock_guard lock(mutex_);
    DRAMATIS_DO(known(turn.pair));
    for (const auto& other : turns_) {
      const bool same_key = other.pair == turn.pair && !turn.key.empty() && other.key == turn.key;
      if (other.id == turn.id || same_key)
        return fail(ErrorCode::kConflict, "The id or the key is taken.");
    }
    turns_.push_back(turn);
    return {};
  }
  [[nodiscard]] Status replace_newest(TurnId old, const Turn& turn) override {
    const std::lock_guard lock(mutex_);
    DRAMATIS_DO(known(turn.pair));
    const auto newest = newest_of(turn.pair);
    if (newest == turns_.rend() || newest->id != old)
      return fail(ErrorCode::kConflict, "It is not the newest.");
    *newest = turn;
    return {};
  }
  [[nodiscard]] Result<std::optional<Turn>> remove_newest(Pair pair) override {
    const std::lock_guard lock(mutex_);
    DRAMATIS_DO(known(pair));
    const auto newest = newest_of(pair);
    if (newest == turns_.rend()) return std::nullopt;
    Turn removed = *newest;
    turns_.erase(std::next(newest).base());
    return removed;
  }
  [[nodiscard]] Result<std::size_t> remove_turns(Pair pair) override {
    const std::lock_guard lock(mutex_);
    DRAMATIS_DO(known(pair));
    return std::erase_if(turns_, [pair](const Turn& turn) { return turn.pair == pair; });
  }

 private:
  [[nodiscard]] std::vector<User>::const_iterator named(std::string_view name) const {
    return std::ranges::find(users_, name, &User::name);
  }
  [[nodiscard]] std::vector<Turn>::reverse_iterator newest_of(Pair pair) {
    return std::find_if(turns_.rbegin(), turns_.rend(),
                        [pair](const Turn& turn) { return turn.pair == pair; });
  }
  [[nodiscard]] Status known(Pair pair) const {
    if (at(npcs_, pair.npc) == npcs_.end()) return tl::unexpected(no_such(pair.npc));
    if (at(users_, pair.user) == users_.end()) return tl::unexpected(no_such(pair.user));
    return {};
  }

  mutable std::mutex mutex_;
  std::vector<User> users_;
  std::vector<Npc> npcs_;
  std::vector<Turn> turns_;  // oldest first
};

}  // namespace dramatis::dialogue::testing
