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

// Adds the turn to its conversation where the newest one there is `after`, and says whether it is:
// one statement, since each costs a way to the server and back. Whoever calls holds the
// conversation. PostgreSQL wants to be told of the types.
Result<bool> insert_after(Session& session, const Turn& turn,
                          const std::optional<std::string>& account, std::optional<TurnId> after) {
  const dialogue::Alternative& spoken = turn.spoken;
  DRAMATIS_TRY(
      const auto added,
      session.run(
          "INSERT INTO turns (id, conversation, npc, player, message, reply, thoughts, account, "
          "at_ms, chosen, alternatives, key) "
          "SELECT CAST(?1 AS BIGINT), c.id, c.npc, c.player, CAST(?2 AS TEXT), CAST(?3 AS TEXT), "
          "CAST(?4 AS TEXT), CAST(?5 AS TEXT), CAST(?6 AS BIGINT), 0, 1, CAST(?7 AS TEXT) "
          "FROM conversations AS c WHERE c.id = ?8 AND (SELECT t.id FROM turns AS t "
          "WHERE t.conversation = c.id ORDER BY t.place DESC LIMIT 1) "
          "IS NOT DISTINCT FROM CAST(?9 AS BIGINT)",
          {number_of(turn.id), text_or_null(turn.message), std::string_view(spoken.reply),
           std::string_view(spoken.thoughts), text_or_null(account), milliseconds_of(spoken.at),
           turn.key.empty() ? Value() : Value(std::string_view(turn.key)),
           number_of(turn.conversation), after ? Value(number_of(*after)) : Value()}));
  return added.changed == 1;
}

// kConflict: the newest turn of the conversation is not `after`.
Status other_newest(Session& session, ConversationId conversation, std::optional<TurnId> after) {
  DRAMATIS_TRY(const auto found, session.run("SELECT id FROM turns WHERE conversation = ?1 "
                                             "ORDER BY place DESC LIMIT 1",
                                             {number_of(conversation)}));
  std::optional<TurnId> newest;
  if (!found.rows.empty()) newest = id_of<TurnId>(found.rows.front()[0]);
  return fail(ErrorCode::kConflict,
              fmt::format("The newest turn of '{}' is {}, not {}: somebody else spoke meanwhile.",
                          print_id(conversation), newest ? print_id(*newest) : "none",
                          after ? print_id(*after) : "none"));
}

Status check_conversation(Session& session, ConversationId id) {
  DRAMATIS_TRY(const auto known,
               session.run("SELECT 1 FROM conversations WHERE id = ?1", {number_of(id)}));
  if (known.rows.empty()) return tl::unexpected(dialogue::no_such(id));
  return {};
}

Result<bool> has_turn(Session& session, TurnId id) {
  DRAMATIS_TRY(const auto found, session.run("SELECT 1 FROM turns WHERE id = ?1", {number_of(id)}));
  return !found.rows.empty();
}

}  // namespace

Result<Turn> SqlStore::find_turn(TurnId id) const {
  return read(
      backend_,
      [&](Session& session) -> Result<Turn> {
        DRAMATIS_TRY(const auto found,
                     session.run("SELECT " DRAMATIS_TURN_COLUMNS " FROM turns WHERE id = ?1",
                                 {number_of(id)}));
        if (found.rows.empty()) return tl::unexpected(dialogue::no_such(id));
        return turn_of(found.rows.front());
      },
      Sight::kEachItsOwn);
}

Result<std::optional<Turn>> SqlStore::find_turn(dialogue::Pair pair, std::string_view key) const {
  return read(
      backend_,
      [&](Session& session) -> Result<std::optional<Turn>> {
        if (!key.empty()) {
          DRAMATIS_TRY(const auto found,
                       session.run("SELECT " DRAMATIS_TURN_COLUMNS
                                   " FROM turns WHERE npc = ?1 AND player = ?2 AND key = ?3",
                                   {number_of(pair.npc), number_of(pair.user), key}));
          if (!found.rows.empty()) return first_turn(found);
        }
        DRAMATIS_DO(check_pair(session, pair));
        return std::nullopt;
      },
      Sight::kEachItsOwn);
}

Result<std::vector<Turn>> SqlStore::newest_turns(ConversationId conversation, std::size_t count,
                                                 std::optional<TurnId> before) const {
  const auto look = [&](Session& session) -> Result<std::vector<Turn>> {
    DRAMATIS_TRY(const auto end, place_before(session, conversation, before));
    DRAMATIS_TRY(const auto found, session.run("SELECT " DRAMATIS_TURN_COLUMNS
                                               " FROM turns WHERE conversation = ?1 AND place < ?2 "
                                               "ORDER BY place DESC LIMIT ?3",
                                               {number_of(conversation), end, limit_of(count)}));
    if (found.rows.empty()) DRAMATIS_DO(check_conversation(session, conversation));
    std::vector<Turn> turns;
    for (const Row& row : found.rows) {
      DRAMATIS_TRY(auto turn, turn_of(row));
      turns.push_back(std::move(turn));
    }
    std::ranges::reverse(turns);
    return turns;
  };
  return read(backend_, look, before ? Sight::kOneState : Sight::kEachItsOwn);
}

Status SqlStore::add_turn(const Turn& turn, std::optional<TurnId> after) {
  const auto account = print_account(turn.spoken);
  return change(backend_, [&](Session& session) -> Status {
    DRAMATIS_DO(hold_conversation(session, turn.conversation));
    if (session.again()) {
      DRAMATIS_TRY(const bool is_there, has_turn(session, turn.id));
      if (is_there) return {};
    }
    DRAMATIS_TRY(const bool follows, insert_after(session, turn, account, after));
    if (follows) return {};
    return other_newest(session, turn.conversation, after);
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
