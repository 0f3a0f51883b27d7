// One database -> another, row by row; and what is in one.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/database.h"

namespace dramatis::store {

struct TableCount {
  std::string table;
  std::size_t rows = 0;

  friend bool operator==(const TableCount&, const TableCount&) = default;
};
using Contents = std::vector<TableCount>;

// Whether rows that the target has already are in the way or go.
enum class Over { kEmpty, kEverything };

// Hears how many rows of a table are across, or pages of a file.
using Progress = std::function<void(const TableCount& so_far)>;

// Copies everything of one moment of `from` into `to` in one transaction, and counts there what has
// arrived; writers of `from` go on meanwhile. Rows alone are copied, whatever else the source may
// hold. kConflict where the target is not empty and Over::kEmpty was asked for; kCancelled, with
// nothing done, where `stop` was requested meanwhile.
[[nodiscard]] Result<Contents> copy(Database& from, Database& to, Over over,
                                    const Progress& progress, const std::stop_token& stop = {});

[[nodiscard]] Result<Contents> count(Database& database);

// What is wrong with the database, a sentence each; empty: nothing was found. Reads all of it.
[[nodiscard]] Result<std::vector<std::string>> check(Database& database);

}  // namespace dramatis::store
