// Where talks are kept between turns, behind one port: in a folder (folder_store.h), in a database,
// or in memory for tests. What the NPCs thought is with the turns of dialogue::Store alone.
#pragma once

#include <optional>
#include <vector>

#include "arena/talk.h"
#include "base/ids.h"
#include "base/result.h"

namespace dramatis::arena {

// Thread-safe. Every change is whole and lasting when the call returns. kNotFound with the id where
// there is no such talk; kUnavailable for a store that cannot answer.
class Store {
 public:
  Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  virtual ~Store() = default;

  // The player that an NPC is to others, or nothing where it has been none yet.
  [[nodiscard]] virtual Result<std::optional<UserId>> player_of(NpcId npc) const = 0;
  // kConflict where it has one already.
  [[nodiscard]] virtual Status keep_player(NpcId npc, UserId user) = 0;

  // Without lines. kConflict for a taken id.
  [[nodiscard]] virtual Status add_talk(const Talk& talk) = 0;
  [[nodiscard]] virtual Result<Talk> find_talk(TalkId id) const = 0;
  // Started last first, at most `count`; without lines.
  [[nodiscard]] virtual Result<std::vector<Talk>> list_talks(std::size_t count) const = 0;
  // Appends the line that has `place` (from 0). kConflict where that is not the next one.
  [[nodiscard]] virtual Status add_line(TalkId id, std::size_t place, const Line& line) = 0;
  // With its lines. The conversations stay with dialogue::Store.
  [[nodiscard]] virtual Status remove_talk(TalkId id) = 0;
};

// The errors that every store gives alike.
[[nodiscard]] Error no_such(TalkId id);
[[nodiscard]] Error taken(TalkId id);
[[nodiscard]] Error has_player(NpcId npc);
[[nodiscard]] Error line_out_of_place(TalkId id, std::size_t place, std::size_t next);

}  // namespace dramatis::arena
