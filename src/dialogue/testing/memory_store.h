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

// A turn with all its replies.
struct Kept {
  Turn turn;
  std::vector<Alternative> spoken;
};
struct Thread {
  Conversation about;
  std::vector<Kept> turns{};  // oldest first
  bool is_current = true;
};

template <class Threads>
auto thread_of(Threads& threads, ConversationId id) {
  return std::ranges::find_if(threads,
                              [id](const Thread& thread) { return thread.about.id == id; });
}
template <class Turns>
auto kept_of(Turns& turns, TurnId id) {
  return std::ranges::find_if(turns, [id](const Kept& kept) { return kept.turn.id == id; });
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
    std::erase_if(threads_, [id](const Thread& thread) { return thread.about.pair.user == id; });
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
  [[nodiscard]] Status update_npc(NpcId id, const NpcSettings& settings) override {
    const std::lock_guard lock(mutex_);
    const auto found = at(npcs_, id);
    if (found == npcs_.end()) return tl::unexpected(no_such(id));
    found->settings = settings;
    return {};
  }
  [[nodiscard]] Status remove_npc(NpcId id) override {
    const std::lock_guard lock(mutex_);
    if (at(npcs_, id) == npcs_.end()) return tl::unexpected(no_such(id));
    std::erase_if(npcs_, [id](const Npc& npc) { return npc.id == id; });
    std::erase_if(threads_, [id](const Thread& thread) { return thread.about.pair.npc == id; });
    return {};
  }

  [[nodiscard]] Status begin(const Conversation& conversation,
                             std::span<const Turn> turns) override {
    const std::lock_guard lock(mutex_);
    DRAMATIS_DO(known(conversation.pair));
    if (thread_of(threads_, conversation.id) != threads_.end())
      return fail(ErrorCode::kConflict, "The id is taken.");
    Thread thread{.about = conversation};
    for (const auto& turn : turns) {
      DRAMATIS_DO(free(turn));
      thread.turns.push_back({turn, {turn.spoken}});
    }
    make_current(conversation.pair);
    threads_.push_back(std::move(thread));
    return {};
  }
  [[nodiscard]] Result<Conversation> find_conversation(ConversationId id) const override {
    const std::lock_guard lock(mutex_);
    const auto found = thread_of(threads_, id);
    if (found == threads_.end()) return tl::unexpected(no_such(id));
    return found->about;
  }
  [[nodiscard]] Result<std::optional<Conversation>> current_conversation(Pair pair) const override {
    const std::lock_guard lock(mutex_);
    for (const auto& thread : threads_) {
      if (thread.about.pair == pair && thread.is_current) return thread.about;
    }
    return std::nullopt;
  }
  [[nodiscard]] Result<std::vector<Conversation>> list_conversations(
      const ConversationsAsked& asked) const override {
    const std::lock_guard lock(mutex_);
    auto end = threads_.end();
    if (asked.before) {
      end = thread_of(threads_, *asked.before);
      if (end == threads_.end()) return tl::unexpected(no_such(*asked.before));
    }
    std::vector<Conversation> found;
    for (auto thread = std::make_reverse_iterator(end); thread != threads_.rend(); ++thread) {
      const Pair& pair = thread->about.pair;
      if ((asked.npc && pair.npc != *asked.npc) || (asked.user && pair.user != *asked.user))
        continue;
      if (found.size() == asked.count) break;
      found.push_back(thread->about);
    }
    return found;
  }
  [[nodiscard]] Result<Conversation> change_conversation(
      ConversationId id, const std::function<Status(Conversation&)>& change) override {
    const std::lock_guard lock(mutex_);
    const auto found = thread_of(threads_, id);
    if (found == threads_.end()) return tl::unexpected(no_such(id));
    Conversation changed = found->about;
    DRAMATIS_DO(change(changed));
    found->about.title = changed.title;
    found->about.scene = changed.scene;
    found->about.note = changed.note;
    return found->about;
  }
  [[nodiscard]] Status make_current(ConversationId id) override {
    const std::lock_guard lock(mutex_);
    const auto found = thread_of(threads_, id);
    if (found == threads_.end()) return tl::unexpected(no_such(id));
    make_current(found->about.pair);
    found->is_current = true;
    return {};
  }
  [[nodiscard]] Status remove_conversation(ConversationId id) override {
    const std::lock_guard lock(mutex_);
    const auto found = thread_of(threads_, id);
    if (found == threads_.end()) return tl::unexpected(no_such(id));
    const Thread removed = *found;
    threads_.erase(found);
    if (!removed.is_current) return {};
    for (auto thread = threads_.rbegin(); thread != threads_.rend(); ++thread) {
      if (thread->about.pair != removed.about.pair) continue;
      thread->is_current = true;
      break;
    }
    return {};
  }

  [[nodiscard]] Result<Turn> find_turn(TurnId id) const override {
    const std::lock_guard lock(mutex_);
    for (const auto& thread : threads_) {
      const auto found = kept_of(thread.turns, id);
      if (found != thread.turns.end()) return found->turn;
    }
    return tl::unexpected(no_such(id));
  }
  [[nodiscard]] Result<std::optional<Turn>> find_turn(Pair pair,
                                                      std::string_view key) const override {
    const std::lock_guard lock(mutex_);
    DRAMATIS_DO(known(pair));
    for (const auto& thread : threads_) {
      if (thread.about.pair != pair) continue;
      for (const auto& kept : thread.turns) {
        if (!key.empty() && kept.turn.key == key) return kept.turn;
      }
    }
    return std::nullopt;
  }
  [[nodiscard]] Result<std::vector<Turn>> newest_turns(
      ConversationId conversation, std::size_t count, std::optional<TurnId> before) const override {
    const std::lock_guard lock(mutex_);
    const auto thread = thread_of(threads_, conversation);
    if (thread == threads_.end()) return tl::unexpected(no_such(conversation));
    auto end = thread->turns.end();
    if (before) {
      end = kept_of(thread->turns, *before);
      if (end == thread->turns.end()) return tl::unexpected(no_such(*before));
    }
    std::vector<Turn> found;
    for (auto kept = thread->turns.begin(); kept != end; ++kept) found.push_back(kept->turn);
    found.erase(found.begin(),
                found.end() - static_cast<std::ptrdiff_t>(std::min(count, found.size())));
    return found;
  }
  [[nodiscard]] Status add_turn(const Turn& turn, std::optional<TurnId> after) override {
    const std::lock_guard lock(mutex_);
    const auto thread = thread_of(threads_, turn.conversation);
    if (thread == threads_.end()) return tl::unexpected(no_such(turn.conversation));
    DRAMATIS_DO(free(turn));
    const auto newest =
        thread->turns.empty() ? std::nullopt : std::optional(thread->turns.back().turn.id);
    if (newest != after) return fail(ErrorCode::kConflict, "Something was said in between.");
    thread->turns.push_back({turn, {turn.spoken}});
    return {};
  }
  [[nodiscard]] Status edit_message(TurnId id, std::string_view message) override {
    const std::lock_guard lock(mutex_);
    Kept* kept = find_kept(id);
    if (kept == nullptr) return tl::unexpected(no_such(id));
    kept->turn.message = std::string(message);
    return {};
  }
  [[nodiscard]] Result<std::size_t> remove_turns_from(TurnId id) override {
    const std::lock_guard lock(mutex_);
    for (auto& thread : threads_) {
      const auto found = kept_of(thread.turns, id);
      if (found == thread.turns.end()) continue;
      const auto removed = static_cast<std::size_t>(thread.turns.end() - found);
      thread.turns.erase(found, thread.turns.end());
      return removed;
    }
    return tl::unexpected(no_such(id));
  }
  [[nodiscard]] Result<std::size_t> remove_turns(ConversationId conversation) override {
    const std::lock_guard lock(mutex_);
    const auto thread = thread_of(threads_, conversation);
    if (thread == threads_.end()) return tl::unexpected(no_such(conversation));
    return std::exchange(thread->turns, {}).size();
  }

  [[nodiscard]] Result<Turn> add_alternative(TurnId id, const Alternative& spoken) override {
    const std::lock_guard lock(mutex_);
    Kept* kept = find_kept(id);
    if (kept == nullptr) return tl::unexpected(no_such(id));
    if (kept->spoken.size() >= kMaxAlternatives) return tl::unexpected(too_many_alternatives(id));
    kept->spoken.push_back(spoken);
    kept->turn.alternatives = kept->spoken.size();
    return choose(*kept, kept->spoken.size() - 1);
  }
  [[nodiscard]] Result<std::vector<Alternative>> list_alternatives(TurnId id) const override {
    const std::lock_guard lock(mutex_);
    for (const auto& thread : threads_) {
      const auto found = kept_of(thread.turns, id);
      if (found != thread.turns.end()) return found->spoken;
    }
    return tl::unexpected(no_such(id));
  }
  [[nodiscard]] Result<Turn> choose_alternative(TurnId id, std::size_t place) override {
    const std::lock_guard lock(mutex_);
    Kept* kept = find_kept(id);
    if (kept == nullptr) return tl::unexpected(no_such(id));
    if (place >= kept->spoken.size()) return tl::unexpected(no_alternative(place, kept->turn));
    return choose(*kept, place);
  }

 private:
  Kept* find_kept(TurnId id) {
    for (auto& thread : threads_) {
      const auto found = kept_of(thread.turns, id);
      if (found != thread.turns.end()) return &*found;
    }
    return nullptr;
  }
  static Turn choose(Kept& kept, std::size_t place) {
    kept.turn.spoken = kept.spoken[place];
    kept.turn.chosen = place;
    return kept.turn;
  }
  // None of the pair's conversations is current any more.
  void make_current(Pair pair) {
    for (auto& thread : threads_) {
      if (thread.about.pair == pair) thread.is_current = false;
    }
  }
  [[nodiscard]] Status free(const Turn& turn) const {
    for (const auto& thread : threads_) {
      for (const auto& kept : thread.turns) {
        const bool same_key =
            thread.about.pair == turn.pair && !turn.key.empty() && kept.turn.key == turn.key;
        if (kept.turn.id == turn.id || same_key)
          return fail(ErrorCode::kConflict, "The id or the key is taken.");
      }
    }
    return {};
  }
  [[nodiscard]] std::vector<User>::const_iterator named(std::string_view name) const {
    return std::ranges::find(users_, name, &User::name);
  }
  [[nodiscard]] Status known(Pair pair) const {
    if (at(npcs_, pair.npc) == npcs_.end()) return tl::unexpected(no_such(pair.npc));
    if (at(users_, pair.user) == users_.end()) return tl::unexpected(no_such(pair.user));
    return {};
  }

  mutable std::mutex mutex_;
  std::vector<User> users_;
  std::vector<Npc> npcs_;
  std::vector<Thread> threads_;  // in the order of their beginning
};

}  // namespace dramatis::dialogue::testing
