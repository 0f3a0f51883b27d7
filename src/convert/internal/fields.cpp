// Typed look-ups.
#include "convert/internal/fields.h"

#include <cmath>

#include <fmt/format.h>

#include "text/json_file.h"
#include "text/utterance.h"

namespace dramatis::convert::internal {

const text::Json* Fields::find(std::string_view key) const {
  const auto* value = object_.find(key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

bool Fields::has(std::string_view key) const {
  return find(key) != nullptr;
}

tl::unexpected<Error> Fields::wrong(std::string_view key, std::string_view what) const {
  return fail(ErrorCode::kCorrupt, fmt::format("{}: {} {}.", file_, key, what));
}

Result<std::optional<std::size_t>> Fields::count(std::string_view key, std::size_t least,
                                                 std::size_t most) const {
  const auto* value = find(key);
  if (value == nullptr) return std::optional<std::size_t>();
  const auto* whole = value->as_int();
  if (whole == nullptr) return wrong(key, "is no whole number");
  if (*whole < 0 || static_cast<std::size_t>(*whole) < least ||
      static_cast<std::size_t>(*whole) > most) {
    return wrong(key, fmt::format("is {}; it must lie between {} and {}", *whole, least, most));
  }
  return std::optional(static_cast<std::size_t>(*whole));
}

Result<std::size_t> Fields::count_or(std::string_view key, std::size_t otherwise,
                                     std::size_t most) const {
  DRAMATIS_TRY(const auto found, count(key, 1, most));
  return found.value_or(otherwise);
}

Result<std::size_t> Fields::needed_count(std::string_view key, std::size_t most) const {
  DRAMATIS_TRY(const auto found, count(key, 1, most));
  if (!found) return fail(ErrorCode::kNotFound, fmt::format("{} does not say {}.", file_, key));
  return *found;
}

Result<double> Fields::number_or(std::string_view key, double otherwise, double least,
                                 double most) const {
  const auto* value = find(key);
  if (value == nullptr) return otherwise;
  const auto number = value->as_number();
  if (!number) return wrong(key, "is no number");
  if (!(*number >= least && *number <= most))
    return wrong(key, fmt::format("is {}; it must lie between {} and {}", *number, least, most));
  return *number;
}

Result<std::string> Fields::text_or(std::string_view key, std::string_view otherwise) const {
  const auto* value = find(key);
  if (value == nullptr) return std::string(otherwise);
  if (value->as_string() == nullptr) return wrong(key, "is no text");
  return *value->as_string();
}

Result<bool> Fields::truth_or(std::string_view key, bool otherwise) const {
  const auto* value = find(key);
  if (value == nullptr) return otherwise;
  if (value->as_bool() == nullptr) return wrong(key, "is neither true nor false");
  return *value->as_bool();
}

Status Fields::refuse(std::string_view key, std::string_view why) const {
  const auto* value = find(key);
  if (value == nullptr || *value == text::Json(false) || value->as_number() == 0.0) return {};
  if (value->as_string() != nullptr && value->as_string()->empty()) return {};
  if (value->as_array() != nullptr && value->as_array()->empty()) return {};
  if (value->as_object() != nullptr && value->as_object()->empty()) return {};
  auto shown = text::printable(text::print_json(*value));
  if (shown.size() > 60) shown = shown.substr(0, 60) + "...";
  return fail(ErrorCode::kUnsupported, fmt::format("{}: {} is {}; {}.", file_, key, shown, why));
}

Result<text::Json> parse_object(std::string_view document, std::string_view file,
                                std::size_t most_bytes) {
  DRAMATIS_TRY(auto parsed, text::parse_json_file(document, file, most_bytes));
  if (parsed.as_object() == nullptr)
    return fail(ErrorCode::kCorrupt, fmt::format("{} is no JSON object.", file));
  return parsed;
}

}  // namespace dramatis::convert::internal
