// Talks in memory, for tests: forgets everything when it dies.
#pragma once

#include <algorithm>
#include <map>
#include <mutex>

#include "arena/store.h"

namespace dramatis::arena::testing {

// Thread-safe.
class MemoryStore final : public Store {
 public:
  [[nodiscard]] Result<std::optional<UserId>> player_of(NpcId npc) const override {
    const std::lock_guard lock(mutex_);
    const auto found = players_.find(npc);
    return found == players_.end() ? std::nullopt : std::optional(found->second);
  }
  [[nodiscard]] Status keep_player(NpcId npc, UserId user) override {
    const std::lock_guard lock(mutex_);
    if (!players_.emplace(npc, user).second) return tl::unexpected(has_player(npc));
    return {};
  }
  [[nodiscard]] Status add_talk(const Talk& talk) override {
    const std::lock_guard lock(mutex_);
    if (at(talk.id) != talks_.end()) return tl::unexpected(taken(talk.id));
    talks_.push_back(talk);
    talks_.back().lines.clear();
    return {};
  }
  [[nodiscard]] Result<Talk> find_talk(TalkId id) const override {
    const std::lock_guard lock(mutex_);
    const auto found = at(id);
    if (found == talks_.end()) return tl::unexpected(no_such(id));
    return *found;
  }
  [[nodiscard]] Result<std::vector<Talk>> list_talks(std::size_t count) const override {
    const std::lock_guard lock(mutex_);
    std::vector<Talk> listed;
    for (auto talk = talks_.rbegin(); talk != talks_.rend() && listed.size() < count; ++talk) {
      listed.push_back(*talk);
      listed.back().lines.clear();
    }
    return listed;
  }
  [[nodiscard]] Status add_line(TalkId id, std::size_t place, const Line& line) override {
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find(talks_, id, &Talk::id);
    if (found == talks_.end()) return tl::unexpected(no_such(id));
    if (place != found->lines.size())
      return tl::unexpected(line_out_of_place(id, place, found->lines.size()));
    found->lines.push_back(line);
    return {};
  }
  [[nodiscard]] Status remove_talk(TalkId id) override {
    const std::lock_guard lock(mutex_);
    const auto found = at(id);
    if (found == talks_.end()) return tl::unexpected(no_such(id));
    talks_.erase(found);
    return {};
  }

 private:
  std::vector<Talk>::const_iterator at(TalkId id) const {
    return std::ranges::find(talks_, id, &Talk::id);
  }

  mutable std::mutex mutex_;
  std::map<NpcId, UserId> players_;
  std::vector<Talk> talks_;  // in the order of their start
};

}  // namespace dramatis::arena::testing
