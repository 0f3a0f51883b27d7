// Each kind of value, and the sentence for a value of another kind.
#include "server/dialect_fields.h"

#include <cmath>

#include <fmt/format.h>

namespace dramatis::server {

DialectFields::Found DialectFields::find(FieldNames names) const {
  for (const std::string_view name : names) {
    const text::Json* value = object_.find(name);
    if (value != nullptr && !value->is_null()) return {.name = name, .value = value};
  }
  return {.name = *names.begin()};
}

const text::Json* DialectFields::value(FieldNames names) const {
  return find(names).value;
}

void DialectFields::mistake(std::string_view name, std::string what) {
  mistake(Fault(ErrorCode::kInvalidArgument, fmt::format("{} {}", at(name), what), at(name)));
}

std::optional<std::string> DialectFields::text(FieldNames names) {
  const Found found = find(names);
  if (found.value == nullptr) return std::nullopt;
  if (const std::string* words = found.value->as_string()) return *words;
  mistake(found.name, "is no string.");
  return std::nullopt;
}

std::optional<bool> DialectFields::truth(FieldNames names) {
  const Found found = find(names);
  if (found.value == nullptr) return std::nullopt;
  if (const bool* truth = found.value->as_bool()) return *truth;
  mistake(found.name, "is neither true nor false.");
  return std::nullopt;
}

std::optional<std::int64_t> DialectFields::integer(FieldNames names, std::int64_t low,
                                                   std::int64_t high) {
  const Found found = find(names);
  if (found.value == nullptr) return std::nullopt;
  // Past 2^53 a double names no single whole number any more.
  constexpr double kExact = 9007199254740992.0;
  const auto number = found.value->as_number();
  const std::int64_t* whole = found.value->as_int();
  const bool is_whole =
      whole != nullptr || (number && std::trunc(*number) == *number && std::abs(*number) <= kExact);
  if (!is_whole) {
    mistake(found.name, "is no whole number.");
    return std::nullopt;
  }
  const std::int64_t value = whole != nullptr ? *whole : static_cast<std::int64_t>(*number);
  if (value >= low && value <= high) return value;
  mistake(found.name, fmt::format("is {}; it must lie between {} and {}.", value, low, high));
  return std::nullopt;
}

std::optional<double> DialectFields::number(FieldNames names, double low, double high) {
  const Found found = find(names);
  if (found.value == nullptr) return std::nullopt;
  const auto number = found.value->as_number();
  if (!number) {
    mistake(found.name, "is no number.");
    return std::nullopt;
  }
  if (*number >= low && *number <= high) return number;
  mistake(found.name, fmt::format("is {}; it must lie between {} and {}.", *number, low, high));
  return std::nullopt;
}

std::vector<std::string> DialectFields::texts(FieldNames names, std::size_t most) {
  const Found found = find(names);
  if (found.value == nullptr) return {};
  if (const std::string* one = found.value->as_string()) return {*one};
  const text::JsonArray* list = found.value->as_array();
  if (list == nullptr) {
    mistake(found.name, "is neither a string nor a list of strings.");
    return {};
  }
  if (list->size() > most) {
    mistake(found.name, fmt::format("has {} entries; at most {} are read.", list->size(), most));
    return {};
  }
  std::vector<std::string> all;
  for (std::size_t n = 0; n < list->size(); ++n) {
    const std::string* words = (*list)[n].as_string();
    if (words == nullptr) {
      mistake(fmt::format("{}[{}]", found.name, n), "is no string.");
      return {};
    }
    all.push_back(*words);
  }
  return all;
}

Judged<void> DialectFields::judge() const {
  if (fault_) return tl::unexpected(*fault_);
  return {};
}

Judged<text::Json> read_object(std::string_view body) {
  DRAMATIS_TRY(auto object, text::parse_json(body));
  if (object.as_object() == nullptr)
    return tl::unexpected(Fault(ErrorCode::kInvalidArgument, "The body is no JSON object."));
  return object;
}

}  // namespace dramatis::server
