// The one table that gives each ErrorCode its name on the wire, its HTTP status and its exit code.
#pragma once

#include <string_view>

#include "base/result.h"

namespace dramatis {

struct ErrorRow {
  std::string_view name;  // `code` of a problem document, stable for clients
  std::string_view title;
  int http_status;
  int exit_code;  // 2 usage, 3 not found, 4 bad data, 5 unavailable, 70 ours (sysexits EX_SOFTWARE)
};

// The row of `code`; every code has one.
[[nodiscard]] const ErrorRow& error_row(ErrorCode code);

}  // namespace dramatis
