// For programs that are linked with PostgreSQL.
#include "store/internal/open_postgres.h"
#include "store/internal/postgres_backend.h"

namespace dramatis::store::internal {

bool has_postgres() {
  return true;
}

Result<OpenedPostgres> open_postgres(const Address& address) {
  DRAMATIS_TRY(auto backend, PostgresBackend::open(address));
  const auto before = backend->version_before();
  return OpenedPostgres{.backend = std::move(backend), .version_before = before};
}

}  // namespace dramatis::store::internal
