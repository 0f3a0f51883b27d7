// A JSON file of somebody else's -> a value, or an error that names the file.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"
#include "text/json.h"

namespace dramatis::text {

// Errors begin with `place`: kOverBudget past `most_bytes` or too deep, kCorrupt for what is no
// JSON.
[[nodiscard]] Result<Json> parse_json_file(std::string_view document, std::string_view place,
                                           std::size_t most_bytes);

}  // namespace dramatis::text
