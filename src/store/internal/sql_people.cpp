// Players and NPCs.
#include <fmt/format.h>

#include "dialogue/limits.h"
#include "store/internal/rows.h"
#include "store/internal/sql_store.h"

namespace dramatis::store::internal {
namespace {

using dialogue::Npc;
using dialogue::User;

Error taken(const std::string& id) {
  return Error{ErrorCode::kConflict, fmt::format("The id '{}' is taken.", id)};
}

// Adds the user under a name unless somebody has it, and says whether nobody had.
Result<bool> add_under(Session& session, const User& user, const std::string& name) {
  DRAMATIS_TRY(
      const auto added,
      session.run("INSERT INTO users (id, name, registered_ms) VALUES (?1, ?2, ?3) "
                  "ON CONFLICT (name) DO NOTHING",
                  {number_of(user.id), std::string_view(name), milliseconds_of(user.registered)}));
  return added.changed == 1;
}

Result<std::vector<Npc>> npcs_of(const Answer& answer) {
  std::vector<Npc> npcs;
  for (const Row& row : answer.rows) {
    DRAMATIS_TRY(auto npc, npc_of(row));
    npcs.push_back(std::move(npc));
  }
  return npcs;
}

Result<std::optional<User>> look_up(Session& session, UserId id) {
  DRAMATIS_TRY(
      const auto found,
      session.run("SELECT " DRAMATIS_USER_COLUMNS " FROM users WHERE id = ?1", {number_of(id)}));
  if (found.rows.empty()) return std::nullopt;
  return user_of(found.rows.front());
}

}  // namespace

Result<User> SqlStore::add_user(const User& user) {
  return change(backend_, [&](Session& session) -> Result<User> {
    DRAMATIS_TRY(const auto before, look_up(session, user.id));
    if (before && session.again()) return *before;
    if (before) return tl::unexpected(taken(print_id(user.id)));
    User added = user;
    for (std::size_t n = 1; n <= dialogue::kMaxNamesakes; ++n) {
      DRAMATIS_TRY(const bool is_ours, add_under(session, user, added.name));
      if (is_ours) return added;
      added.name = fmt::format("{}_{}", user.name, n);
    }
    return fail(ErrorCode::kOverBudget,
                fmt::format("More than {} players bear the name '{}'; take another.",
                            dialogue::kMaxNamesakes, user.name));
  });
}

Result<User> SqlStore::find_user(UserId id) const {
  return read(
      backend_,
      [&](Session& session) -> Result<User> {
        DRAMATIS_TRY(const auto found, look_up(session, id));
        if (!found) return tl::unexpected(dialogue::no_such(id));
        return *found;
      },
      Sight::kEachItsOwn);
}

Result<User> SqlStore::find_user_named(std::string_view name) const {
  return read(
      backend_,
      [&](Session& session) -> Result<User> {
        DRAMATIS_TRY(
            const auto found,
            session.run("SELECT " DRAMATIS_USER_COLUMNS " FROM users WHERE name = ?1", {name}));
        if (found.rows.empty())
          return fail(ErrorCode::kUserNotFound, fmt::format("No player is named '{}'.", name));
        return user_of(found.rows.front());
      },
      Sight::kEachItsOwn);
}

Result<std::vector<User>> SqlStore::list_users() const {
  return read(
      backend_,
      [&](Session& session) -> Result<std::vector<User>> {
        DRAMATIS_TRY(const auto found,
                     session.run("SELECT " DRAMATIS_USER_COLUMNS " FROM users ORDER BY place"));
        std::vector<User> users;
        for (const Row& row : found.rows) users.push_back(user_of(row));
        return users;
      },
      Sight::kEachItsOwn);
}

Status SqlStore::remove_user(UserId id) {
  return change(backend_, [&](Session& session) -> Status {
    DRAMATIS_TRY(const auto removed,
                 session.run("DELETE FROM users WHERE id = ?1", {number_of(id)}));
    session.forget();
    if (removed.changed == 0 && !session.again()) return tl::unexpected(dialogue::no_such(id));
    return {};
  });
}

Status SqlStore::add_npc(const Npc& npc) {
  const std::string settings = print_settings(npc.settings);
  return change(backend_, [&](Session& session) -> Status {
    DRAMATIS_TRY(const auto before,
                 session.run("SELECT 1 FROM npcs WHERE id = ?1", {number_of(npc.id)}));
    if (!before.rows.empty() && session.again()) return {};
    if (!before.rows.empty()) return tl::unexpected(taken(print_id(npc.id)));
    DRAMATIS_DO(session.run(
        "INSERT INTO npcs (id, settings, registered_ms) VALUES (?1, ?2, ?3)",
        {number_of(npc.id), std::string_view(settings), milliseconds_of(npc.registered)}));
    return {};
  });
}

Result<Npc> SqlStore::find_npc(NpcId id) const {
  return read(
      backend_,
      [&](Session& session) -> Result<Npc> {
        DRAMATIS_TRY(const auto found,
                     session.run("SELECT " DRAMATIS_NPC_COLUMNS " FROM npcs WHERE id = ?1",
                                 {number_of(id)}));
        if (found.rows.empty()) return tl::unexpected(dialogue::no_such(id));
        return npc_of(found.rows.front());
      },
      Sight::kEachItsOwn);
}

Result<std::vector<Npc>> SqlStore::list_npcs() const {
  return read(
      backend_,
      [&](Session& session) -> Result<std::vector<Npc>> {
        DRAMATIS_TRY(const auto found,
                     session.run("SELECT " DRAMATIS_NPC_COLUMNS " FROM npcs ORDER BY place"));
        return npcs_of(found);
      },
      Sight::kEachItsOwn);
}

Status SqlStore::update_npc(NpcId id, const dialogue::NpcSettings& settings) {
  const std::string printed = print_settings(settings);
  return change(backend_, [&](Session& session) -> Status {
    DRAMATIS_TRY(const auto changed, session.run("UPDATE npcs SET settings = ?1 WHERE id = ?2",
                                                 {std::string_view(printed), number_of(id)}));
    if (changed.changed == 0) return tl::unexpected(dialogue::no_such(id));
    return {};
  });
}

Status SqlStore::remove_npc(NpcId id) {
  return change(backend_, [&](Session& session) -> Status {
    DRAMATIS_TRY(const auto removed,
                 session.run("DELETE FROM npcs WHERE id = ?1", {number_of(id)}));
    session.forget();
    if (removed.changed == 0 && !session.again()) return tl::unexpected(dialogue::no_such(id));
    return {};
  });
}

}  // namespace dramatis::store::internal
