// The schema of our database: its numbered migrations, and whether a file has it.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "store/internal/sqlite_connection.h"

namespace dramatis::store::internal {

// Refuses a file that is not ours, is damaged, or is newer; changes nothing.
[[nodiscard]] Status inspect(Connection& connection, const std::filesystem::path& path);

// Applies the migrations that are missing, in one transaction. Returns the version before; 0: new.
[[nodiscard]] Result<std::int64_t> migrate(Connection& connection);

// The version that this Dramatis writes; PostgreSQL's schemas bear the same numbers.
[[nodiscard]] std::int64_t newest_schema();

}  // namespace dramatis::store::internal
