// A database <-> one file with its checksum beside it.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "store/copy.h"
#include "store/database.h"

namespace dramatis::store {

// Where a backup's checksum lies: `<backup>.sha256`, in the form of sha256sum.
[[nodiscard]] std::filesystem::path checksum_of(const std::filesystem::path& backup);

// kNotFound where there is no backup or no checksum beside it; looks at no more of it.
[[nodiscard]] Status find_backup(const std::filesystem::path& from);

// Writes one moment of the database to `to`, an SQLite file for its owner's eyes, and its checksum
// beside it; writers go on meanwhile. Whole or not at all. kConflict where a file is there already,
// kCancelled where `stop` was requested.
[[nodiscard]] Result<Contents> backup(Database& database, const std::filesystem::path& to,
                                      const Progress& progress, const std::stop_token& stop = {});

// Puts the rows of a backup into `to`. kCorrupt where the file is not the one that was written;
// kNotFound without its checksum; kConflict as copy() says.
[[nodiscard]] Result<Contents> restore(const std::filesystem::path& from, Database& to, Over over,
                                       const Progress& progress, const std::stop_token& stop = {});

}  // namespace dramatis::store
