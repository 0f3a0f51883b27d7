// Files are foreign: what is wrong with one is its own fault, and not the caller's.
#include "text/json_file.h"

#include <fmt/format.h>

namespace dramatis::text {

Result<Json> parse_json_file(std::string_view document, std::string_view place,
                             std::size_t most_bytes) {
  auto parsed = parse_json(document, most_bytes);
  if (parsed) return parsed;
  const auto code =
      parsed.error().code == ErrorCode::kOverBudget ? ErrorCode::kOverBudget : ErrorCode::kCorrupt;
  return fail(code, fmt::format("{}: {}", place, parsed.error().what));
}

}  // namespace dramatis::text
