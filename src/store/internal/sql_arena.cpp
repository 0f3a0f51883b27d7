// A row for each talk and each line, both as JSON; one for each NPC that is a player, too.
#include "store/internal/sql_arena.h"

#include <algorithm>

#include <fmt/format.h>

#include "arena/limits.h"
#include "arena/record.h"
#include "store/internal/rows.h"
#include "text/json.h"

namespace dramatis::store::internal {
namespace {

using arena::Line;
using arena::Talk;
using arena::TalkId;

// A document of ours; that it is damaged is the database's fault, not the caller's.
Result<text::Json> parse_column(const Cell& cell) {
  auto parsed = text::parse_json(text(cell), text(cell).size());
  if (parsed) return parsed;
  return fail(ErrorCode::kCorrupt,
              fmt::format("A talk in the database cannot be read: {}", parsed.error().what));
}

Result<Talk> talk_of(const Row& row) {
  DRAMATIS_TRY(const auto json, parse_column(row[0]));
  return arena::read_talk(json);
}

Status read_lines(Session& session, Talk& talk) {
  DRAMATIS_TRY(const auto found, session.run("SELECT line FROM lines WHERE talk = ?1 ORDER BY nth",
                                             {number_of(talk.id)}));
  for (const Row& row : found.rows) {
    DRAMATIS_TRY(const auto json, parse_column(row[0]));
    DRAMATIS_TRY(auto line, arena::read_line(json, talk));
    talk.lines.push_back(std::move(line));
  }
  return {};
}

// Whether this very row is there: what was committed before the answer got lost.
Result<bool> has_line(Session& session, TalkId id, std::size_t place, std::string_view line) {
  DRAMATIS_TRY(const auto found,
               session.run("SELECT 1 FROM lines WHERE talk = ?1 AND nth = ?2 AND line = ?3",
                           {number_of(id), static_cast<std::int64_t>(place), line}));
  return !found.rows.empty();
}

}  // namespace

Result<std::optional<UserId>> SqlArena::player_of(NpcId npc) const {
  return read(backend_, [&](Session& session) -> Result<std::optional<UserId>> {
    DRAMATIS_TRY(const auto found,
                 session.run("SELECT player FROM npc_players WHERE npc = ?1", {number_of(npc)}));
    if (found.rows.empty()) return std::nullopt;
    return id_of<UserId>(found.rows.front()[0]);
  });
}

Status SqlArena::keep_player(NpcId npc, UserId user) {
  return change(backend_, [&](Session& session) -> Status {
    DRAMATIS_DO(check_pair(session, {.npc = npc, .user = user}));
    DRAMATIS_TRY(const auto known,
                 session.run("SELECT player FROM npc_players WHERE npc = ?1", {number_of(npc)}));
    if (!known.rows.empty()) {
      if (session.again() && id_of<UserId>(known.rows.front()[0]) == user) return {};
      return tl::unexpected(arena::has_player(npc));
    }
    return session
        .run("INSERT INTO npc_players (npc, player) VALUES (?1, ?2)",
             {number_of(npc), number_of(user)})
        .map([](const Answer& /*changed*/) {});
  });
}

Status SqlArena::add_talk(const Talk& talk) {
  const std::string json = text::print_json(arena::talk_json(talk));
  return change(backend_, [&](Session& session) -> Status {
    DRAMATIS_TRY(const auto known,
                 session.run("SELECT talk FROM talks WHERE id = ?1", {number_of(talk.id)}));
    if (!known.rows.empty()) {
      if (session.again() && text(known.rows.front()[0]) == json) return {};
      return tl::unexpected(arena::taken(talk.id));
    }
    return session
        .run("INSERT INTO talks (id, talk, started_ms) VALUES (?1, ?2, ?3)",
             {number_of(talk.id), std::string_view(json), milliseconds_of(talk.started)})
        .map([](const Answer& /*changed*/) {});
  });
}

Result<Talk> SqlArena::find_talk(TalkId id) const {
  return read(backend_, [&](Session& session) -> Result<Talk> {
    DRAMATIS_TRY(const auto found,
                 session.run("SELECT talk FROM talks WHERE id = ?1", {number_of(id)}));
    if (found.rows.empty()) return tl::unexpected(arena::no_such(id));
    DRAMATIS_TRY(auto talk, talk_of(found.rows.front()));
    DRAMATIS_DO(read_lines(session, talk));
    return talk;
  });
}

Result<std::vector<Talk>> SqlArena::list_talks(std::size_t count) const {
  return read(backend_, [&](Session& session) -> Result<std::vector<Talk>> {
    DRAMATIS_TRY(const auto found,
                 session.run("SELECT talk FROM talks ORDER BY started_ms DESC, place DESC LIMIT ?1",
                             {limit_of(std::min(count, arena::kMaxTalksListed))}));
    std::vector<Talk> talks;
    for (const Row& row : found.rows) {
      DRAMATIS_TRY(auto talk, talk_of(row));
      talks.push_back(std::move(talk));
    }
    return talks;
  });
}

Status SqlArena::add_line(TalkId id, std::size_t place, const Line& line) {
  const std::string json = text::print_json(arena::line_json(line));
  return change(backend_, [&](Session& session) -> Status {
    DRAMATIS_TRY(
        const auto known,
        session.run("SELECT 1 FROM talks WHERE id = ?1" DRAMATIS_STORE_HOLD, {number_of(id)}));
    if (known.rows.empty()) return tl::unexpected(arena::no_such(id));
    DRAMATIS_TRY(const auto counted,
                 session.run("SELECT count(*) FROM lines WHERE talk = ?1", {number_of(id)}));
    const auto next = static_cast<std::size_t>(integer(counted.rows.at(0).at(0)));
    if (place != next) {
      if (session.again()) {
        DRAMATIS_TRY(const bool ours, has_line(session, id, place, json));
        if (ours) return {};
      }
      return tl::unexpected(arena::line_out_of_place(id, place, next));
    }
    return session
        .run("INSERT INTO lines (talk, nth, line) VALUES (?1, ?2, ?3)",
             {number_of(id), static_cast<std::int64_t>(place), std::string_view(json)})
        .map([](const Answer& /*changed*/) {});
  });
}

Status SqlArena::remove_talk(TalkId id) {
  return change(backend_, [&](Session& session) -> Status {
    DRAMATIS_TRY(const auto removed,
                 session.run("DELETE FROM talks WHERE id = ?1", {number_of(id)}));
    if (removed.changed == 0 && !session.again()) return tl::unexpected(arena::no_such(id));
    session.forget();
    return {};
  });
}

}  // namespace dramatis::store::internal
