// A transaction of PostgreSQL's, as the store's statements see it.
#pragma once

#include <string>

#include <pqxx/transaction_base>

#include "store/internal/backend.h"
#include "store/internal/postgres_connection.h"

namespace dramatis::store::internal {

// One thread at a time. Whoever makes it begins and ends the transaction.
class PostgresSession final : public Session {
 public:
  enum class Try { kFirst, kAgain };
  // Both outlive the session.
  PostgresSession(PostgresConnection& connection, pqxx::transaction_base& transaction, Try which)
      : connection_(connection), transaction_(transaction), which_(which) {}

  using Session::run;
  [[nodiscard]] Result<Answer> run(const char* sql, std::span<const Value> values) override;
  [[nodiscard]] bool again() const override { return which_ == Try::kAgain; }
  [[nodiscard]] Status settle_places() override;

  // Whether the server undid the transaction for the sake of another.
  [[nodiscard]] bool was_in_the_way() const { return was_in_the_way_; }

 private:
  [[nodiscard]] const std::string& prepare(const char* sql);

  PostgresConnection& connection_;
  pqxx::transaction_base& transaction_;
  Try which_;
  bool was_in_the_way_ = false;
};

// 40001 and 40P01.
[[nodiscard]] bool is_in_the_way(const std::string& state);

}  // namespace dramatis::store::internal
