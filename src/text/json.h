// JSON as a value of ours: parsed strictly and within limits, printed on one line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "text/limits.h"

namespace dramatis::text {

class Json;
using JsonArray = std::vector<Json>;
// Members in the order in which they were written; duplicates are refused by the parser.
using JsonObject = std::vector<std::pair<std::string, Json>>;

// A JSON value. Integers that fit stay integers.
class Json {
 public:
  Json() = default;
  // Alternative by alternative: g++ 12's variant believes that its copies cannot fail, and runs
  // wild where memory ends in one.
  Json(const Json& other) {
    std::visit([this](const auto& value) { value_ = std::decay_t<decltype(value)>(value); },
               other.value_);
  }
  Json(Json&&) noexcept = default;
  Json& operator=(const Json& other) {
    if (this != &other) *this = Json(other);
    return *this;
  }
  Json& operator=(Json&&) noexcept = default;
  ~Json() = default;
  Json(std::nullptr_t) {}                                  // NOLINT(google-explicit-constructor)
  Json(bool value) : value_(value) {}                      // NOLINT(google-explicit-constructor)
  Json(double value) : value_(value) {}                    // NOLINT(google-explicit-constructor)
  Json(const char* value) : value_(std::string(value)) {}  // NOLINT(google-explicit-constructor)
  Json(std::string value) : value_(std::move(value)) {}    // NOLINT(google-explicit-constructor)
  Json(std::string_view value)
      : value_(std::string(value)) {}                   // NOLINT(google-explicit-constructor)
  Json(JsonArray value) : value_(std::move(value)) {}   // NOLINT(google-explicit-constructor)
  Json(JsonObject value) : value_(std::move(value)) {}  // NOLINT(google-explicit-constructor)
  template <std::integral T>
  requires(!std::same_as<T, bool>) Json(T value)
      : value_(static_cast<std::int64_t>(value)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  [[nodiscard]] const bool* as_bool() const { return std::get_if<bool>(&value_); }
  [[nodiscard]] const std::int64_t* as_int() const { return std::get_if<std::int64_t>(&value_); }
  [[nodiscard]] const std::string* as_string() const { return std::get_if<std::string>(&value_); }
  [[nodiscard]] const JsonArray* as_array() const { return std::get_if<JsonArray>(&value_); }
  [[nodiscard]] const JsonObject* as_object() const { return std::get_if<JsonObject>(&value_); }
  [[nodiscard]] JsonArray* as_array() { return std::get_if<JsonArray>(&value_); }
  [[nodiscard]] JsonObject* as_object() { return std::get_if<JsonObject>(&value_); }
  // An integer or a floating-point number.
  [[nodiscard]] std::optional<double> as_number() const;

  // The member `key` of an object, or null (of anything else too).
  [[nodiscard]] const Json* find(std::string_view key) const;

  friend bool operator==(const Json&, const Json&) = default;

 private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, JsonArray, JsonObject>
      value_;
};

// One JSON document: strict RFC 8259, valid UTF-8, no duplicate keys, finite numbers, at most
// `most_bytes` and kMaxJsonDepth. Errors: kInvalidArgument with the byte, kOverBudget.
[[nodiscard]] Result<Json> parse_json(std::string_view document,
                                      std::size_t most_bytes = kMaxJsonBytes);

// On one line; strings escape all that could end a line or an SSE event.
[[nodiscard]] std::string print_json(const Json& value);

}  // namespace dramatis::text
