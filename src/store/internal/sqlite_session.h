// A transaction of SQLite's, as the store's statements see it.
#pragma once

#include "store/internal/backend.h"
#include "store/internal/sqlite_connection.h"

namespace dramatis::store::internal {

// One thread at a time. Whoever makes it begins and ends the transaction.
class SqliteSession final : public Session {
 public:
  // `connection` outlives the session.
  explicit SqliteSession(Connection& connection) : connection_(connection) {}

  using Session::run;
  [[nodiscard]] Result<Answer> run(const char* sql, std::span<const Value> values) override;
  [[nodiscard]] bool again() const override { return false; }
  // SQLite remembers the largest place of each table by itself.
  [[nodiscard]] Status settle_places() override { return {}; }

 private:
  Connection& connection_;
};

}  // namespace dramatis::store::internal
