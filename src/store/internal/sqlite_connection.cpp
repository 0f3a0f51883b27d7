// Thin: each function is one or two calls of SQLite.
#include "store/internal/sqlite_connection.h"

#include <fmt/format.h>

#include "store/limits.h"

namespace dramatis::store::internal {
namespace {

ErrorCode code_of(int extended) {
  if (extended == SQLITE_CONSTRAINT_UNIQUE || extended == SQLITE_CONSTRAINT_PRIMARYKEY ||
      extended == SQLITE_CONSTRAINT_FOREIGNKEY)
    return ErrorCode::kConflict;
  switch (extended & 0xFF) {
    case SQLITE_TOOBIG:
      return ErrorCode::kOverBudget;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ErrorCode::kCorrupt;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_NOMEM:
      return ErrorCode::kUnavailable;
    default:
      return ErrorCode::kInternal;
  }
}

}  // namespace

Error error_of(sqlite3* database) {
  return Error{code_of(sqlite3_extended_errcode(database)),
               fmt::format("The database answers: {}.", sqlite3_errmsg(database))};
}

Query::~Query() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

Query& Query::put(std::int64_t value) {
  sqlite3_bind_int64(statement_, ++bound_, value);
  return *this;
}

Query& Query::put(std::string_view value) {
  // A null pointer would be bound as NULL.
  sqlite3_bind_text64(statement_, ++bound_, value.empty() ? "" : value.data(), value.size(),
                      SQLITE_STATIC, SQLITE_UTF8);
  return *this;
}

Query& Query::put_null() {
  sqlite3_bind_null(statement_, ++bound_);
  return *this;
}

Result<bool> Query::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return tl::unexpected(error_of(sqlite3_db_handle(statement_)));
}

Status Query::run() {
  return step().map([](bool /*row*/) {});
}

bool Query::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}
std::int64_t Query::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}
int Query::columns() const {
  return sqlite3_column_count(statement_);
}
bool Query::is_integer(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_INTEGER;
}

std::string Query::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  const int size = sqlite3_column_bytes(statement_, column);
  return bytes == nullptr ? std::string() : std::string(bytes, static_cast<std::size_t>(size));
}

Result<Connection> Connection::open(const std::filesystem::path& path, int flags) {
  sqlite3* opened = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &opened, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  Connection connection;
  connection.database_.reset(opened);
  if (opened == nullptr)
    return fail(ErrorCode::kUnavailable, "SQLite has no memory for a connection.");
  if (code != SQLITE_OK) return tl::unexpected(error_of(opened));
  sqlite3_extended_result_codes(opened, 1);
  // The file may be hostile: its schema may call no function of ours and write no page directly.
  sqlite3_db_config(opened, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(opened, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(opened, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_db_config(opened, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  sqlite3_limit(opened, SQLITE_LIMIT_LENGTH, static_cast<int>(kMaxRowBytes));
  return connection;
}

Result<sqlite3_stmt*> Connection::prepare(const char* sql) {
  auto& statement = prepared_[sql];
  if (statement == nullptr) {
    sqlite3_stmt* made = nullptr;
    if (sqlite3_prepare_v3(get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr) !=
        SQLITE_OK) {
      return tl::unexpected(error_of(get()));
    }
    statement.reset(made);
  }
  return statement.get();
}

Status Connection::execute(const char* sql) {
  if (sqlite3_exec(get(), sql, nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return tl::unexpected(error_of(get()));
}

Status Connection::run(const char* sql) {
  DRAMATIS_TRY(sqlite3_stmt * statement, prepare(sql));
  Query query(statement);
  return query.run();
}

void Connection::watch_log() {
  log_pages_ = std::make_unique<int>(0);
  sqlite3_wal_hook(
      get(),
      [](void* pages, sqlite3*, const char*, int in_log) {
        *static_cast<int*>(pages) = in_log;
        return SQLITE_OK;
      },
      log_pages_.get());
}

Result<std::int64_t> Connection::number(const char* sql) {
  DRAMATIS_TRY(sqlite3_stmt * statement, prepare(sql));
  Query query(statement);
  DRAMATIS_TRY(const bool row, query.step());
  return row ? query.integer(0) : 0;
}

std::size_t Connection::changed() const {
  return static_cast<std::size_t>(sqlite3_changes64(database_.get()));
}

bool Connection::is_in_transaction() const {
  return sqlite3_get_autocommit(database_.get()) == 0;
}

bool Connection::has_moved() const {
  int moved = 0;
  sqlite3_file_control(get(), "main", SQLITE_FCNTL_HAS_MOVED, &moved);
  return moved != 0;
}

Result<Transaction> Transaction::begin(Connection& connection) {
  // IMMEDIATE: who will write takes the lock at once, so that waiting happens here alone.
  DRAMATIS_DO(connection.execute("BEGIN IMMEDIATE"));
  return Transaction(connection);
}

Transaction::~Transaction() {
  // Where this fails, SQLite has rolled back already, or will when the file is opened next.
  if (connection_ != nullptr) (void)connection_->execute("ROLLBACK");
}

Status Transaction::commit() {
  DRAMATIS_DO(connection_->execute("COMMIT"));
  connection_ = nullptr;
  return {};
}

}  // namespace dramatis::store::internal
