// What both databases would answer, before either is asked.
#include "store/internal/backend.h"

#include <fmt/format.h>

#include "store/limits.h"
#include "text/utf8.h"

namespace dramatis::store::internal {

Status check_values(std::span<const Value> values) {
  for (const Value& value : values) {
    const auto* letters = std::get_if<std::string_view>(&value);
    if (letters == nullptr) continue;
    if (letters->size() > kMaxTextBytes) {
      return fail(ErrorCode::kOverBudget, fmt::format("A text has {} bytes; at most {} are stored.",
                                                      letters->size(), kMaxTextBytes));
    }
    if (const auto at = letters->find('\0'); at != std::string_view::npos) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("A text holds U+0000 at byte {}, which is not stored.", at));
    }
    if (!text::is_valid_utf8(*letters))
      return fail(ErrorCode::kInvalidArgument, "A text is not valid UTF-8.");
  }
  return {};
}

std::int64_t integer(const Cell& cell) {
  const auto* value = std::get_if<std::int64_t>(&cell);
  return value == nullptr ? 0 : *value;
}

const std::string& text(const Cell& cell) {
  static const std::string kNone;
  const auto* value = std::get_if<std::string>(&cell);
  return value == nullptr ? kNone : *value;
}

bool is_null(const Cell& cell) {
  return std::holds_alternative<std::monostate>(cell);
}

}  // namespace dramatis::store::internal
