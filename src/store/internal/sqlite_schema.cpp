// Numbered migrations. A released one is never changed: the next number mends it.
#include "store/internal/sqlite_schema.h"

#include <array>
#include <system_error>

#include <fmt/format.h>

#include "store/limits.h"

namespace dramatis::store::internal {
namespace {

// "Dram" in the file's header, so that `file` and we know whose it is.
constexpr std::int64_t kApplicationId = 0x4472616D;

// `place` keeps the order of arrival; ids are 64 random bits, stored as SQLite's signed integers.
constexpr std::array<const char*, 6> kMigrations{
    // 1: players, NPCs, and the turns of each pair.
    R"sql(
CREATE TABLE users (
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  id INTEGER NOT NULL UNIQUE,
  name TEXT NOT NULL UNIQUE,
  registered_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE npcs (
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  id INTEGER NOT NULL UNIQUE,
  character TEXT NOT NULL,
  world_description TEXT NOT NULL,
  character_description TEXT NOT NULL,
  scene TEXT NOT NULL,
  history_size INTEGER NOT NULL,
  has_scratchpad INTEGER,
  temperature REAL NOT NULL,
  max_tokens INTEGER NOT NULL,
  registered_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE turns (
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  id INTEGER NOT NULL UNIQUE,
  npc INTEGER NOT NULL REFERENCES npcs(id) ON DELETE CASCADE,
  user INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  message TEXT,
  reply TEXT NOT NULL,
  thoughts TEXT NOT NULL,
  key TEXT,
  at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX turns_of_pair ON turns(npc, user, place);
CREATE INDEX turns_of_user ON turns(user);
CREATE UNIQUE INDEX keys_of_pair ON turns(npc, user, key) WHERE key IS NOT NULL;
)sql",
    // 2: an NPC's settings as JSON; conversations, of which a pair has one current; a turn's other
    // replies. What a pair had said becomes its current conversation.
    R"sql(
ALTER TABLE npcs RENAME TO npcs_1;
ALTER TABLE turns RENAME TO turns_1;
DROP INDEX turns_of_pair;
DROP INDEX turns_of_user;
DROP INDEX keys_of_pair;
CREATE TABLE npcs (
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  id INTEGER NOT NULL UNIQUE,
  settings TEXT NOT NULL,
  registered_ms INTEGER NOT NULL
) STRICT;
INSERT INTO npcs (place, id, settings, registered_ms)
SELECT place, id,
       json_patch('{}', json_object(
         'character', character, 'world_description', world_description,
         'character_description', character_description, 'scene', scene,
         'history_size', history_size,
         'has_scratchpad', json(CASE has_scratchpad WHEN 0 THEN 'false' WHEN 1 THEN 'true'
                                ELSE 'null' END),
         'temperature', temperature, 'max_tokens', max_tokens)),
       registered_ms
FROM npcs_1 ORDER BY place;
CREATE TABLE conversations (
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  id INTEGER NOT NULL UNIQUE,
  npc INTEGER NOT NULL REFERENCES npcs(id) ON DELETE CASCADE,
  player INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  title TEXT NOT NULL,
  scene TEXT NOT NULL,
  note TEXT NOT NULL,
  branched_after INTEGER,
  is_current INTEGER NOT NULL,
  started_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX conversations_of_pair ON conversations(npc, player, place);
CREATE INDEX conversations_of_player ON conversations(player, place);
CREATE UNIQUE INDEX current_of_pair ON conversations(npc, player) WHERE is_current = 1;
INSERT INTO conversations (id, npc, player, title, scene, note, is_current, started_ms)
SELECT random(), npc, user, '', '{}', '', 1, min(at_ms)
FROM turns_1 GROUP BY npc, user ORDER BY min(place);
CREATE TABLE turns (
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  id INTEGER NOT NULL UNIQUE,
  conversation INTEGER NOT NULL REFERENCES conversations(id) ON DELETE CASCADE,
  npc INTEGER NOT NULL,
  player INTEGER NOT NULL,
  message TEXT,
  reply TEXT NOT NULL,
  thoughts TEXT NOT NULL,
  account TEXT,
  at_ms INTEGER NOT NULL,
  chosen INTEGER NOT NULL,
  alternatives INTEGER NOT NULL,
  key TEXT
) STRICT;
INSERT INTO turns (place, id, conversation, npc, player, message, reply, thoughts, at_ms, chosen,
                   alternatives, key)
SELECT t.place, t.id, c.id, t.npc, t.user, t.message, t.reply, t.thoughts, t.at_ms, 0, 1, t.key
FROM turns_1 AS t JOIN conversations AS c ON c.npc = t.npc AND c.player = t.user
ORDER BY t.place;
CREATE INDEX turns_of_conversation ON turns(conversation, place);
CREATE UNIQUE INDEX keys_of_pair ON turns(npc, player, key) WHERE key IS NOT NULL;
CREATE TABLE alternatives (
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  turn INTEGER NOT NULL REFERENCES turns(id) ON DELETE CASCADE,
  nth INTEGER NOT NULL,
  reply TEXT NOT NULL,
  thoughts TEXT NOT NULL,
  account TEXT,
  at_ms INTEGER NOT NULL,
  UNIQUE (turn, nth)
) STRICT;
DROP TABLE turns_1;
DROP TABLE npcs_1;
)sql",
    // 3: keys, what each has spent in its newest window of each meter, and what paid services cost.
    R"sql(
CREATE TABLE keys (
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  id INTEGER NOT NULL UNIQUE,
  role TEXT NOT NULL,
  player INTEGER REFERENCES users(id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  digest TEXT NOT NULL UNIQUE,
  requests_per_minute INTEGER NOT NULL,
  tokens_per_day INTEGER NOT NULL,
  conversations_per_day INTEGER NOT NULL,
  made_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX keys_of_player ON keys(player);
CREATE TABLE spent (
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  key INTEGER NOT NULL REFERENCES keys(id) ON DELETE CASCADE,
  meter INTEGER NOT NULL,
  begins_ms INTEGER NOT NULL,
  amount INTEGER NOT NULL,
  UNIQUE (key, meter)
) STRICT;
CREATE TABLE expenses (
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  model TEXT NOT NULL,
  account TEXT NOT NULL,
  day INTEGER NOT NULL,
  tokens INTEGER NOT NULL,
  micros INTEGER NOT NULL,
  UNIQUE (model, account, day)
) STRICT;
)sql",
    // 4: talks of NPCs, their lines, and the players that NPCs are to each other.
    R"sql(
CREATE TABLE npc_players (
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  npc INTEGER NOT NULL UNIQUE REFERENCES npcs(id) ON DELETE CASCADE,
  player INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE
) STRICT;
CREATE INDEX npcs_of_player ON npc_players(player);
CREATE TABLE talks (
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  id INTEGER NOT NULL UNIQUE,
  talk TEXT NOT NULL,
  started_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX talks_by_start ON talks(started_ms, place);
CREATE TABLE lines (
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  talk INTEGER NOT NULL REFERENCES talks(id) ON DELETE CASCADE,
  nth INTEGER NOT NULL,
  line TEXT NOT NULL,
  UNIQUE (talk, nth)
) STRICT;
)sql",
    // 5: what servers on one database tell each other for a while. Nobody misses it who restores or
    // moves the rest.
    R"sql(
CREATE TABLE notices (
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  value TEXT NOT NULL,
  until_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX notices_by_end ON notices(until_ms);
)sql",
    // 6: what runs of dataset have made, who makes which of the rest until when, and the time of
    // the
    // database, which all workers share.
    R"sql(
CREATE TABLE dataset_runs (
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  requests INTEGER NOT NULL,
  prompt_tokens INTEGER NOT NULL,
  reply_tokens INTEGER NOT NULL,
  micros INTEGER NOT NULL
) STRICT;
CREATE TABLE dataset_steps (
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  run INTEGER NOT NULL REFERENCES dataset_runs(place) ON DELETE CASCADE,
  whose TEXT NOT NULL,
  step TEXT NOT NULL,
  recipe TEXT NOT NULL,
  UNIQUE (run, whose, step)
) STRICT;
CREATE TABLE dataset_items (
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  step INTEGER NOT NULL REFERENCES dataset_steps(place) ON DELETE CASCADE,
  item INTEGER NOT NULL,
  worker INTEGER NOT NULL,
  until_ms INTEGER NOT NULL,
  record TEXT,
  UNIQUE (step, item)
) STRICT;
CREATE INDEX dataset_items_unmade ON dataset_items(step, item) WHERE record IS NULL;
)sql"};

Status apply(Connection& connection, std::size_t from, std::size_t to) {
  for (std::size_t n = from; n < to; ++n) DRAMATIS_DO(connection.execute(kMigrations[n]));
  return connection.execute(
      fmt::format("PRAGMA user_version = {}; PRAGMA application_id = {}", to, kApplicationId)
          .c_str());
}

// Every table, index, view and trigger with its text.
Result<std::string> schema_of(Connection& connection) {
  DRAMATIS_TRY(sqlite3_stmt * statement,
               connection.prepare(
                   "SELECT type || ' ' || name || ' ' || coalesce(sql, '') "
                   "FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY 1"));
  Query query(statement);
  std::string schema;
  for (;;) {
    DRAMATIS_TRY(const bool row, query.step());
    if (!row) return schema;
    schema += query.text(0) + "\n";
  }
}

Result<std::string> schema_at(std::size_t version) {
  DRAMATIS_TRY(auto connection,
               Connection::open(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
  DRAMATIS_DO(apply(connection, 0, version));
  return schema_of(connection);
}

Status check_pages(Connection& connection, const std::filesystem::path& path) {
  std::error_code unknown;
  const auto size = std::filesystem::file_size(path, unknown);
  if (unknown || size > kMaxCheckedBytes) return {};
  DRAMATIS_TRY(sqlite3_stmt * statement, connection.prepare("PRAGMA quick_check(1)"));
  Query query(statement);
  DRAMATIS_TRY(const bool row, query.step());
  if (row && query.text(0) == "ok") return {};
  return fail(ErrorCode::kCorrupt,
              fmt::format("The database is damaged: {}", row ? query.text(0) : "no answer"));
}

}  // namespace

Status inspect(Connection& connection, const std::filesystem::path& path) {
  DRAMATIS_TRY(const auto application, connection.number("PRAGMA application_id"));
  DRAMATIS_TRY(const auto version, connection.number("PRAGMA user_version"));
  DRAMATIS_TRY(const auto objects, connection.number("SELECT count(*) FROM sqlite_schema"));
  if (application == 0 && version == 0 && objects == 0) return {};  // new
  if (application != kApplicationId)
    return fail(ErrorCode::kCorrupt, "The file is a database of another program.");
  if (version < 1 || version > static_cast<std::int64_t>(kMigrations.size())) {
    return fail(
        ErrorCode::kUnsupported,
        fmt::format("The database has version {}, this Dramatis knows up to {}; use the newer one.",
                    version, kMigrations.size()));
  }
  DRAMATIS_TRY(const auto expected, schema_at(static_cast<std::size_t>(version)));
  DRAMATIS_TRY(const auto found, schema_of(connection));
  if (found != expected)
    return fail(ErrorCode::kCorrupt,
                fmt::format("The tables are not those of version {}.", version));
  return check_pages(connection, path);
}

Result<std::int64_t> migrate(Connection& connection) {
  DRAMATIS_TRY(auto transaction, Transaction::begin(connection));
  DRAMATIS_TRY(const auto version, connection.number("PRAGMA user_version"));
  if (version >= newest_schema()) return version;
  DRAMATIS_DO(apply(connection, static_cast<std::size_t>(version), kMigrations.size()));
  DRAMATIS_DO(transaction.commit());
  return version;
}

std::int64_t newest_schema() {
  return static_cast<std::int64_t>(kMigrations.size());
}

}  // namespace dramatis::store::internal
