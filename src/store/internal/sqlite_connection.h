// SQLite with values in, rows out and errors as ours.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <sqlite3.h>

#include "base/result.h"

namespace dramatis::store::internal {

// What SQLite last had to say on this connection.
[[nodiscard]] Error error_of(sqlite3* database);

// One run of a prepared statement; resets it at the end. One thread at a time.
class Query {
 public:
  // `statement` outlives the query.
  explicit Query(sqlite3_stmt* statement) : statement_(statement) {}
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  ~Query();

  // Binds the next parameter. Texts outlive the query.
  Query& put(std::int64_t value);
  Query& put(std::string_view value);
  Query& put_null();

  // Whether there is another row.
  [[nodiscard]] Result<bool> step();
  // Runs a statement that gives no rows.
  [[nodiscard]] Status run();

  [[nodiscard]] bool is_null(int column) const;
  [[nodiscard]] int columns() const;
  [[nodiscard]] bool is_integer(int column) const;
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::string text(int column) const;

 private:
  sqlite3_stmt* statement_;
  int bound_ = 0;
};

// One thread at a time.
class Connection {
 public:
  [[nodiscard]] static Result<Connection> open(const std::filesystem::path& path, int flags);

  // The statement of `sql`, a literal, prepared once. Checked: our SQL is well-formed for our
  // schema.
  [[nodiscard]] Result<sqlite3_stmt*> prepare(const char* sql);
  [[nodiscard]] Status execute(const char* sql);
  // A statement without parameters and rows, a literal, prepared once.
  [[nodiscard]] Status run(const char* sql);
  // The one number that `sql`, a literal, gives.
  [[nodiscard]] Result<std::int64_t> number(const char* sql);
  // Rows that the last statement changed.
  [[nodiscard]] std::size_t changed() const;
  // Whether a transaction is under way. SQLite ends one by itself after some errors.
  [[nodiscard]] bool is_in_transaction() const;
  // From now on SQLite leaves the write-ahead log to us, and says how long it is.
  void watch_log();
  // Pages in the log after the newest commit; 0 after forget_log_pages().
  [[nodiscard]] int log_pages() const { return log_pages_ == nullptr ? 0 : *log_pages_; }
  void forget_log_pages() { *log_pages_ = 0; }
  // Whether the file was moved or removed since: what is written now, nobody would find.
  [[nodiscard]] bool has_moved() const;
  [[nodiscard]] sqlite3* get() const { return database_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
  };
  struct Finalise {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  std::unique_ptr<int> log_pages_;  // SQLite's hook keeps its address; outlives the database
  std::unique_ptr<sqlite3, Close> database_;
  std::map<const char*, std::unique_ptr<sqlite3_stmt, Finalise>> prepared_;
};

// A transaction that writes; undone at the end unless it was committed.
class Transaction {
 public:
  [[nodiscard]] static Result<Transaction> begin(Connection& connection);
  Transaction(Transaction&& other) noexcept
      : connection_(std::exchange(other.connection_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  [[nodiscard]] Status commit();

 private:
  explicit Transaction(Connection& connection) : connection_(&connection) {}
  Connection* connection_;
};

}  // namespace dramatis::store::internal
