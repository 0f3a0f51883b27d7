// For programs that are linked without PostgreSQL; those with it are linked with
// postgres_open.cpp, which goes before.
#include <fmt/format.h>

#include "store/internal/open_postgres.h"

namespace dramatis::store::internal {

bool has_postgres() {
  return false;
}

Result<Address> parse_postgres(const std::string& url) {
  return Address{.kind = Kind::kPostgres, .url = url, .shown = "A database of PostgreSQL"};
}

Result<OpenedPostgres> open_postgres(const Address& address) {
  return fail(
      ErrorCode::kUnsupported,
      fmt::format("{}: this program speaks no PostgreSQL; dramatis-postgres does.", address.shown));
}

}  // namespace dramatis::store::internal
