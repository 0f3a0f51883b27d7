// One PostgreSQL database, shared by any number of servers.
#pragma once

#include <memory>

#include "base/result.h"
#include "store/address.h"
#include "store/internal/backend.h"
#include "store/internal/postgres_connection.h"
#include "store/limits.h"

namespace dramatis::store::internal {

// Thread-safe. Transactions that the server undid for the sake of another (40001, 40P01) are run
// again; a commit whose answer got lost is run again with Session::again(). Any other failure is
// the caller's to hear.
class PostgresBackend final : public Backend {
 public:
  // Connects, and brings the schema `dramatis` up to date in one transaction, one server at a time.
  // kCorrupt where the schema is somebody else's or the database does not keep UTF-8; kUnsupported
  // where it is newer; kUnavailable where nothing answers.
  [[nodiscard]] static Result<std::unique_ptr<PostgresBackend>> open(const Address& address);

  [[nodiscard]] Status read(const Work& work, Sight sight) override;
  [[nodiscard]] Status change(const Work& work) override;

  [[nodiscard]] std::int64_t version_before() const { return version_before_; }

 private:
  explicit PostgresBackend(const Address& address)
      : readers_(address, kMaxPostgresReaders), writers_(address, kMaxPostgresWriters) {}
  PostgresPool readers_;
  PostgresPool writers_;
  std::int64_t version_before_ = 0;
};

}  // namespace dramatis::store::internal
