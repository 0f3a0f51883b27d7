// Numbered migrations. A released one is never changed: the next number mends it.
#include "store/internal/schema.h"

#include <array>
#include <system_error>

#include <fmt/format.h>

#include "store/limits.h"

namespace dramatis::store::internal {
namespace {

// "Dram" in the file's header, so that `file` and we know whose it is.
constexpr std::int64_t kApplicationId = 0x4472616D;

// `place` keeps the order of arrival; ids are 64 random bits, stored as SQLite's signed integers.
constexpr std::array<const char*, 1> kMigrations{R"sql(
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

Status migrate(Connection& connection) {
  DRAMATIS_TRY(auto transaction, Transaction::begin(connection));
  DRAMATIS_TRY(const auto version, connection.number("PRAGMA user_version"));
  if (version >= static_cast<std::int64_t>(kMigrations.size())) return {};
  DRAMATIS_DO(apply(connection, static_cast<std::size_t>(version), kMigrations.size()));
  return transaction.commit();
}

}  // namespace dramatis::store::internal
