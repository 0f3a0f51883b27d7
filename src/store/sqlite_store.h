// Users, NPCs and turns in one SQLite file: what was acknowledged outlives the process.
#pragma once

#include <filesystem>
#include <memory>

#include "base/result.h"
#include "dialogue/store.h"

namespace dramatis::store {

// Thread-safe: one connection, one call at a time. Other processes may use the same file.
class SqliteStore final : public dialogue::Store {
 public:
  // Opens or makes the database at `path`, with its folder, readable for its owner alone, and
  // brings its schema up to date in one transaction. A file that is not ours is left as it is:
  // kCorrupt for other programs' databases, damaged ones and such as are no database; kUnsupported
  // for one of a newer Dramatis; kUnavailable where the disk or a lock is in the way.
  [[nodiscard]] static Result<std::unique_ptr<SqliteStore>> open(const std::filesystem::path& path);
  ~SqliteStore() override;

  [[nodiscard]] Result<dialogue::User> add_user(const dialogue::User& user) override;
  [[nodiscard]] Result<dialogue::User> find_user(UserId id) const override;
  [[nodiscard]] Result<dialogue::User> find_user_named(std::string_view name) const override;
  [[nodiscard]] Result<std::vector<dialogue::User>> list_users() const override;
  [[nodiscard]] Status remove_user(UserId id) override;

  [[nodiscard]] Status add_npc(const dialogue::Npc& npc) override;
  [[nodiscard]] Result<dialogue::Npc> find_npc(NpcId id) const override;
  [[nodiscard]] Result<std::vector<dialogue::Npc>> list_npcs() const override;
  [[nodiscard]] Status remove_npc(NpcId id) override;

  [[nodiscard]] Result<std::vector<dialogue::Turn>> newest_turns(dialogue::Pair pair,
                                                                 std::size_t count) const override;
  [[nodiscard]] Result<std::optional<dialogue::Turn>> find_turn(
      dialogue::Pair pair, std::string_view key) const override;
  [[nodiscard]] Status add_turn(const dialogue::Turn& turn) override;
  [[nodiscard]] Status replace_newest(TurnId old, const dialogue::Turn& turn) override;
  [[nodiscard]] Result<std::optional<dialogue::Turn>> remove_newest(dialogue::Pair pair) override;
  [[nodiscard]] Result<std::size_t> remove_turns(dialogue::Pair pair) override;

 private:
  struct Inside;
  explicit SqliteStore(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

}  // namespace dramatis::store
