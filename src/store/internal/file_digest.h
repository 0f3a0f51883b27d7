// A file's SHA-256.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"

namespace dramatis::store::internal {

// As 64 lower-case hexadecimal digits. kUnavailable where the file cannot be read to its end.
[[nodiscard]] Result<std::string> file_digest(const std::filesystem::path& path);

}  // namespace dramatis::store::internal
