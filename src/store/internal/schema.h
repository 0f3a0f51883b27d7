// The schema of our database: its numbered migrations, and whether a file has it.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "store/internal/connection.h"

namespace dramatis::store::internal {

// Refuses a file that is not ours, is damaged, or is newer; changes nothing.
[[nodiscard]] Status inspect(Connection& connection, const std::filesystem::path& path);

// Applies the migrations that are missing, in one transaction.
[[nodiscard]] Status migrate(Connection& connection);

}  // namespace dramatis::store::internal
