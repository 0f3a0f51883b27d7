// The schema of our PostgreSQL database: its numbered migrations.
#pragma once

#include <cstdint>

#include <pqxx/connection>

#include "base/result.h"

namespace dramatis::store::internal {

// Applies the migrations that are missing, in one transaction, while no other server does. Returns
// the version before; 0: new. Throws what libpqxx throws.
[[nodiscard]] Result<std::int64_t> migrate(pqxx::connection& connection);

}  // namespace dramatis::store::internal
