// The several replies that a message may have got. The one that counts stands in the turn's own
// row; a turn that never had more than one has no other rows.
#include "dialogue/limits.h"
#include "store/internal/rows.h"
#include "store/internal/sql_store.h"

namespace dramatis::store::internal {
namespace {

using dialogue::Alternative;
using dialogue::Turn;

Status add_row(Session& session, TurnId turn, std::size_t nth, const Alternative& spoken) {
  const auto account = print_account(spoken);
  return session
      .run(
          "INSERT INTO alternatives (turn, nth, reply, thoughts, account, at_ms) "
          "VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
          {number_of(turn), static_cast<std::int64_t>(nth), std::string_view(spoken.reply),
           std::string_view(spoken.thoughts), text_or_null(account), milliseconds_of(spoken.at)})
      .map([](const Answer& /*changed*/) {});
}

// Writes what `turn` says of its replies into its row.
Status settle(Session& session, const Turn& turn) {
  const auto account = print_account(turn.spoken);
  return session
      .run(
          "UPDATE turns SET reply = ?1, thoughts = ?2, account = ?3, at_ms = ?4, chosen = ?5, "
          "alternatives = ?6 WHERE id = ?7",
          {std::string_view(turn.spoken.reply), std::string_view(turn.spoken.thoughts),
           text_or_null(account), milliseconds_of(turn.spoken.at),
           static_cast<std::int64_t>(turn.chosen), static_cast<std::int64_t>(turn.alternatives),
           number_of(turn.id)})
      .map([](const Answer& /*changed*/) {});
}

}  // namespace

Result<Turn> SqlStore::add_alternative(TurnId id, const Alternative& spoken) {
  return change(backend_, [&](Session& session) -> Result<Turn> {
    DRAMATIS_TRY(auto turn, hold_turn(session, id));
    if (session.again() && turn.spoken == spoken) return turn;
    if (turn.alternatives >= dialogue::kMaxAlternatives)
      return tl::unexpected(dialogue::too_many_alternatives(id));
    if (turn.alternatives == 1) DRAMATIS_DO(add_row(session, id, 0, turn.spoken));
    DRAMATIS_DO(add_row(session, id, turn.alternatives, spoken));
    turn.spoken = spoken;
    turn.chosen = turn.alternatives++;
    DRAMATIS_DO(settle(session, turn));
    return turn;
  });
}

Result<std::vector<Alternative>> SqlStore::list_alternatives(TurnId id) const {
  return read(backend_, [&](Session& session) -> Result<std::vector<Alternative>> {
    DRAMATIS_TRY(
        const auto found,
        session.run("SELECT " DRAMATIS_TURN_COLUMNS " FROM turns WHERE id = ?1", {number_of(id)}));
    if (found.rows.empty()) return tl::unexpected(dialogue::no_such(id));
    DRAMATIS_TRY(auto turn, turn_of(found.rows.front()));
    if (turn.alternatives == 1) return std::vector<Alternative>{std::move(turn.spoken)};
    DRAMATIS_TRY(const auto rows, session.run("SELECT " DRAMATIS_ALTERNATIVE_COLUMNS
                                              " FROM alternatives WHERE turn = ?1 ORDER BY nth",
                                              {number_of(id)}));
    std::vector<Alternative> all;
    for (const Row& row : rows.rows) {
      DRAMATIS_TRY(auto one, alternative_of(row));
      all.push_back(std::move(one));
    }
    return all;
  });
}

Result<Turn> SqlStore::choose_alternative(TurnId id, std::size_t place) {
  return change(backend_, [&](Session& session) -> Result<Turn> {
    DRAMATIS_TRY(auto turn, hold_turn(session, id));
    if (place >= turn.alternatives) return tl::unexpected(dialogue::no_alternative(place, turn));
    if (place == turn.chosen) return turn;
    DRAMATIS_TRY(const auto found, session.run("SELECT " DRAMATIS_ALTERNATIVE_COLUMNS
                                               " FROM alternatives WHERE turn = ?1 AND nth = ?2",
                                               {number_of(id), static_cast<std::int64_t>(place)}));
    if (found.rows.empty()) return tl::unexpected(dialogue::no_alternative(place, turn));
    DRAMATIS_TRY(turn.spoken, alternative_of(found.rows.front()));
    turn.chosen = place;
    DRAMATIS_DO(settle(session, turn));
    return turn;
  });
}

}  // namespace dramatis::store::internal
