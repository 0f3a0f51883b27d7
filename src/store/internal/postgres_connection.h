// Connections to PostgreSQL: opened, lent, and thrown away once they are in doubt.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <pqxx/connection>

#include "base/result.h"
#include "store/address.h"

namespace dramatis::store::internal {

// One thread at a time.
struct PostgresConnection {
  explicit PostgresConnection(const std::string& options) : link(options) {}

  pqxx::connection link;
  std::map<const char*, std::string> prepared{};  // literal -> the name of its statement
  std::uint64_t generation = 0;
  bool is_in_doubt = false;  // an answer may be under way that nobody waits for
};

// Thread-safe.
class PostgresPool {
 public:
  // `most`: connections that are open at once.
  PostgresPool(const Address& address, std::size_t most);

  // A connection for one transaction, given back at its end; one in doubt is closed instead, and
  // with it those that lay idle meanwhile, since what befell one has most likely befallen all.
  class Lent {
   public:
    Lent(PostgresPool& from, std::unique_ptr<PostgresConnection> connection)
        : from_(&from), connection_(std::move(connection)) {}
    Lent(Lent&&) noexcept = default;
    Lent& operator=(Lent&&) = delete;
    ~Lent();
    [[nodiscard]] PostgresConnection& operator*() const { return *connection_; }
    [[nodiscard]] PostgresConnection* operator->() const { return connection_.get(); }

   private:
    PostgresPool* from_;
    std::unique_ptr<PostgresConnection> connection_;  // null once it was moved
  };

  // kUnavailable where the server does not answer, or all are in use for kMaxPostgresWait.
  [[nodiscard]] Result<Lent> lend();
  // What to say of an error: the address without its password goes before it.
  [[nodiscard]] Error about(Error error) const;

 private:
  [[nodiscard]] Result<std::unique_ptr<PostgresConnection>> connect() const;
  void take_back(std::unique_ptr<PostgresConnection> connection);

  std::string options_;
  std::string shown_;
  std::size_t most_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<PostgresConnection>> idle_;  // guarded by mutex_
  std::size_t open_ = 0;                                   // guarded by mutex_: idle and lent ones
  std::uint64_t generation_ = 0;                           // guarded by mutex_
};

// What PostgreSQL threw, by its SQLSTATE (empty: the connection is lost).
[[nodiscard]] Error error_of(const std::string& state, const std::string& words);
// The first line of what a third party said.
[[nodiscard]] std::string first_line(std::string_view words);

}  // namespace dramatis::store::internal
