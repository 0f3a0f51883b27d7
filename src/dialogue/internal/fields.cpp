// The longer kinds of values.
#include "dialogue/internal/fields.h"

#include <charconv>

namespace dramatis::dialogue::internal {

bool FieldReader::read(const text::Json& json, std::optional<std::uint64_t>& into) {
  const std::string* digits = json.as_string();
  if (digits == nullptr) return false;
  std::uint64_t value = 0;
  const char* end = digits->data() + digits->size();
  const auto [stopped, error] = std::from_chars(digits->data(), end, value);
  if (error != std::errc() || stopped != end) return false;
  into = value;
  return true;
}

bool FieldReader::read(const text::Json& json, std::vector<std::string>& into) {
  if (json.as_array() == nullptr) return false;
  into.clear();
  for (const auto& one : *json.as_array()) {
    if (one.as_string() == nullptr) return false;
    into.push_back(*one.as_string());
  }
  return true;
}

}  // namespace dramatis::dialogue::internal
