// One function for each type.
#include "tokens/internal/json_fields.h"

#include <fmt/format.h>

#include "text/json_file.h"

namespace dramatis::tokens::internal {
namespace {

tl::unexpected<Error> wrong_type(std::string_view place, std::string_view key,
                                 std::string_view wanted) {
  return fail(ErrorCode::kCorrupt,
              fmt::format("{}: \"{}\" is no {}. Save the tokenizer again.", place, key, wanted));
}

const text::Json* member(const text::Json& object, std::string_view key) {
  const auto* value = object.find(key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

}  // namespace

Result<std::optional<std::string>> text_at(const text::Json& object, std::string_view key,
                                           std::string_view place) {
  const auto* value = member(object, key);
  if (value == nullptr) return std::optional<std::string>();
  if (value->as_string() == nullptr) return wrong_type(place, key, "text");
  return std::optional(*value->as_string());
}

Result<std::optional<bool>> truth_at(const text::Json& object, std::string_view key,
                                     std::string_view place) {
  const auto* value = member(object, key);
  if (value == nullptr) return std::optional<bool>();
  if (value->as_bool() == nullptr) return wrong_type(place, key, "true or false");
  return std::optional(*value->as_bool());
}

Result<const text::JsonArray*> array_at(const text::Json& object, std::string_view key,
                                        std::string_view place) {
  static const text::JsonArray kNone;
  const auto* value = member(object, key);
  if (value == nullptr) return &kNone;
  if (value->as_array() == nullptr) return wrong_type(place, key, "list");
  return value->as_array();
}

Result<text::Json> parse_object(std::string_view document, std::string_view place,
                                std::size_t most_bytes) {
  DRAMATIS_TRY(auto parsed, text::parse_json_file(document, place, most_bytes));
  if (parsed.as_object() == nullptr) {
    return fail(ErrorCode::kCorrupt, fmt::format("{} holds no JSON object.", place));
  }
  return parsed;
}

}  // namespace dramatis::tokens::internal
