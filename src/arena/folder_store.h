// Talks in a folder: a journal for each, and one of the players that NPCs are.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>

#include "arena/store.h"
#include "runtime/mutex.h"
#include "text/journal.h"

namespace dramatis::arena {

// One process at a time; thread-safe within it.
class FolderStore final : public Store {
 public:
  // Makes the folder where there is none. Errors: kUnavailable, kCorrupt naming file and line.
  [[nodiscard]] static Result<std::unique_ptr<FolderStore>> open(std::filesystem::path folder);

  [[nodiscard]] Result<std::optional<UserId>> player_of(NpcId npc) const override;
  [[nodiscard]] Status keep_player(NpcId npc, UserId user) override;
  [[nodiscard]] Status add_talk(const Talk& talk) override;
  [[nodiscard]] Result<Talk> find_talk(TalkId id) const override;
  [[nodiscard]] Result<std::vector<Talk>> list_talks(std::size_t count) const override;
  [[nodiscard]] Status add_line(TalkId id, std::size_t place, const Line& line) override;
  [[nodiscard]] Status remove_talk(TalkId id) override;

 private:
  explicit FolderStore(std::filesystem::path folder, text::Journal players)
      : folder_(std::move(folder)), player_journal_(std::move(players)) {}
  [[nodiscard]] std::filesystem::path file_of(TalkId id) const;
  [[nodiscard]] Result<Talk> read(TalkId id) const;

  const std::filesystem::path folder_;
  mutable runtime::Mutex mutex_;  // one change at a time
  text::Journal player_journal_;
  std::map<NpcId, UserId> players_ DRAMATIS_GUARDED_BY(mutex_);
};

// A journal's records: the talk first, then its lines. Errors: kCorrupt.
[[nodiscard]] Result<Talk> talk_of_records(std::span<const text::Json> records);

}  // namespace dramatis::arena
