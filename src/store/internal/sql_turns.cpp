// Turns, in the order in which they were spoken.
#include <algorithm>

#include <fmt/format.h>

#include "store/internal/rows.h"
#include "store/internal/sql_store.h"

namespace dramatis::store::internal {
namespace {

using dialogue::Turn;

Result<std::optional<Turn>> first_turn(const Answer& found) {
  if (found.rows.empty()) return std::nullopt;
  DRAMATIS_TRY(auto turn, turn_of(found.rows.front()));
  return turn;
}

// Where a turn stands.
struct Standing {
  ConversationId conversation{};
  std::int64_t place = 0;
};

Result<Standing> standing_of(Session& session, TurnId id) {
  DRAMATIS_TRY(const auto found,
               session.run("SELECT conversation, place FROM turns WHERE id = ?1", {number_of(id)}));
  if (found.rows.empty()) return tl::unexpected(dialogue::no_such(id));
  return Standing{.conversation = id_of<ConversationId>(found.rows.front()[0]),
                  .place = integer(found.rows.front()[1])};
}

// The place before which turns of the conversation are listed.
Result<std::int64_t> place_before(Session& session, ConversationId conversation,
                                  std::optional<TurnId> before) {
  if (!before) return std::numeric_limits<std::int64_t>::max();
  DRAMATIS_TRY(const auto standing, standing_of(session, *before));
  if (standing.conversation != conversation) return tl::unexpected(dialogue::no_such(*before));
  return standing.place;
}

// kConflict where the newest turn of the conversation is not `after`.
Status check_newest(Session& session, ConversationId conversation, std::optional<TurnId> after) {
  DRAMATIS_TRY(const auto found, session.run("SELECT id FROM turns WHERE conversation = ?1 "
                                             "ORDER BY place DESC LIMIT 1",
                                             {number_of(conversation)}));
  std::optional<TurnId> newest;
  if (!found.rows.empty()) newest = id_of<TurnId>(found.rows.front()[0]);
  if (newest == after) return {};
  return fail(ErrorCode::kConflict,
              fmt::format("The newest turn of '{}' is {}, not {}: somebody else spoke meanwhile.",
                          print_id(conversation), newest ? print_id(*newest) : "none",
                          after ? print_id(*after) : "none"));
}

Result<bool> has_turn(Session& session, TurnId id) {
  DRAMATIS_TRY(const auto found, session.run("SELECT 1 FROM turns WHERE id = ?1", {number_of(id)}));
  return !found.rows.empty();
}

}  // namespace

Result<Turn> SqlStore::find_turn(TurnId id) const {
  return read(backend_, [&](Session& session) -> Result<Turn> {
    DRAMATIS_TRY(
        const auto found,
        session.run("SELECT " DRAMATIS_TURN_COLUMNS " FROM turns WHERE id = ?1", {number_of(id)}));
    if (found.rows.empty()) return tl::unexpected(dialogue::no_such(id));
    return turn_of(found.rows.front());
  });
}

Result<std::optional<Turn>> SqlStore::find_turn(dialogue::Pair pair, std::string_view key) const {
  return read(backend_, [&](Session& session) -> Result<std::optional<Turn>> {
    DRAMATIS_DO(check_pair(session, pair));
    if (key.empty()) return std::nullopt;
    DRAMATIS_TRY(const auto found,
                 session.run("SELECT " DRAMATIS_TURN_COLUMNS
                             " FROM turns WHERE npc = ?1 AND player = ?2 AND key = ?3",
                             {number_of(pair.npc), number_of(pair.user), key}));
    return first_turn(found);
  });
}

Result<std::vector<Turn>> SqlStore::newest_turns(ConversationId conversation, std::size_t count,
                                                 std::optional<TurnId> before) const {
  return read(backend_, [&](Session& session) -> Result<std::vector<Turn>> {
    DRAMATIS_TRY(const auto known, session.run("SELECT 1 FROM conversations WHERE id = ?1",
                                               {number_of(conversation)}));
    if (known.rows.empty()) return tl::unexpected(dialogue::no_such(conversation));
    DRAMATIS_TRY(const auto end, place_before(session, conversation, before));
    DRAMATIS_TRY(const auto found, session.run("SELECT " DRAMATIS_TURN_COLUMNS
                                               " FROM turns WHERE conversation = ?1 AND place < ?2 "
                                               "ORDER BY place DESC LIMIT ?3",
                                               {number_of(conversation), end, limit_of(count)}));
    std::vector<Turn> turns;
    for (const Row& row : found.rows) {
      DRAMATIS_TRY(auto turn, turn_of(row));
      turns.push_back(std::move(turn));
    }
    std::ranges::reverse(turns);
    return turns;
  });
}

Status SqlStore::add_turn(const Turn& turn, std::optional<TurnId> after) {
  return change(backend_, [&](Session& session) -> Status {
    DRAMATIS_TRY(const auto found, session.run("SELECT npc, player FROM conversations "
                                               "WHERE id = ?1" DRAMATIS_STORE_HOLD,
                                               {number_of(turn.conversation)}));
    if (found.rows.empty()) return tl::unexpected(dialogue::no_such(turn.conversation));
    if (session.again()) {
      DRAMATIS_TRY(const bool is_there, has_turn(session, turn.id));
      if (is_there) return {};
    }
    DRAMATIS_DO(check_newest(session, turn.conversation, after));
    const Row& row = found.rows.front();
    return append_turn(session, turn,
                       {.id = turn.conversation,
                        .pair = {.npc = id_of<NpcId>(row[0]), .user = id_of<UserId>(row[1])}});
  });
}

Status SqlStore::edit_message(TurnId id, std::string_view message) {
  return change(backend_, [&](Session& session) -> Status {
    DRAMATIS_TRY(const auto changed, session.run("UPDATE turns SET message = ?1 WHERE id = ?2",
                                                 {message, number_of(id)}));
    if (changed.changed == 0) return tl::unexpected(dialogue::no_such(id));
    return {};
  });
}

Result<std::size_t> SqlStore::remove_turns_from(TurnId id) {
  // Kept for the answer, should the one to the commit get lost.
  std::size_t removed_before = 0;
  return change(backend_, [&](Session& session) -> Result<std::size_t> {
    const auto seen = standing_of(session, id);
    if (!seen && session.again() && seen.error().code == ErrorCode::kTurnNotFound)
      return removed_before;
    if (!seen) return tl::unexpected(seen.error());
    DRAMATIS_DO(hold_conversation(session, seen->conversation));
    DRAMATIS_TRY(const auto standing, standing_of(session, id));
    DRAMATIS_TRY(const auto removed,
                 session.run("DELETE FROM turns WHERE conversation = ?1 AND place >= ?2",
                             {number_of(standing.conversation), standing.place}));
    session.forget();
    removed_before = removed.changed;
    return removed.changed;
  });
}

Result<std::size_t> SqlStore::remove_turns(ConversationId conversation) {
  std::size_t removed_before = 0;
  return change(backend_, [&](Session& session) -> Result<std::size_t> {
    DRAMATIS_DO(hold_conversation(session, conversation));
    DRAMATIS_TRY(const auto removed, session.run("DELETE FROM turns WHERE conversation = ?1",
                                                 {number_of(conversation)}));
    session.forget();
    if (!session.again() || removed.changed != 0) removed_before = removed.changed;
    return removed_before;
  });
}

}  // namespace dramatis::store::internal
