// The port of arena/ as statements that both databases understand.
#pragma once

#include "arena/store.h"
#include "store/internal/backend.h"

namespace dramatis::store::internal {

// Thread-safe, also among servers on one database: a line has its place under a lock of its talk.
class SqlArena : public arena::Store {
 public:
  // `backend` outlives it.
  explicit SqlArena(Backend& backend) : backend_(backend) {}

  [[nodiscard]] Result<std::optional<UserId>> player_of(NpcId npc) const override;
  // kNpcNotFound and kUserNotFound, too; it goes with either.
  [[nodiscard]] Status keep_player(NpcId npc, UserId user) override;
  [[nodiscard]] Status add_talk(const arena::Talk& talk) override;
  [[nodiscard]] Result<arena::Talk> find_talk(arena::TalkId id) const override;
  [[nodiscard]] Result<std::vector<arena::Talk>> list_talks(std::size_t count) const override;
  [[nodiscard]] Status add_line(arena::TalkId id, std::size_t place,
                                const arena::Line& line) override;
  [[nodiscard]] Status remove_talk(arena::TalkId id) override;

 private:
  Backend& backend_;
};

}  // namespace dramatis::store::internal
