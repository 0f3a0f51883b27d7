// Walkers over the fields of a record: one writes those that are not as usual, one reads them back.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "text/json.h"

namespace dramatis::dialogue::internal {

// Walks with (name, value, usual value). One use.
class FieldWriter {
 public:
  template <class T>
  void operator()(std::string_view name, const T& value, const T& usual) {
    if (!(value == usual)) object_.emplace_back(name, json(value));
  }
  void add(std::string_view name, text::Json value) {
    object_.emplace_back(name, std::move(value));
  }
  [[nodiscard]] text::JsonObject take() { return std::move(object_); }

 private:
  static text::Json json(const std::string& value) { return value; }
  static text::Json json(double value) { return value; }
  template <std::integral T>
  static text::Json json(T value) {
    return value;
  }
  static text::Json json(std::chrono::nanoseconds value) { return value.count(); }
  static text::Json json(const std::optional<bool>& value) {
    return value ? text::Json(*value) : text::Json();
  }
  // In letters: a seed fills 64 bits, of which readers elsewhere keep 53.
  static text::Json json(const std::optional<std::uint64_t>& value) {
    return value ? text::Json(std::to_string(*value)) : text::Json();
  }
  static text::Json json(const std::vector<std::string>& value) {
    text::JsonArray list;
    for (const auto& one : value) list.emplace_back(one);
    return list;
  }

  text::JsonObject object_;
};

// Walks likewise, over a record that already holds the usual values. The first mistake is kept.
class FieldReader {
 public:
  // `json` outlives the reader.
  explicit FieldReader(const text::Json& json) : json_(json) {
    if (json.as_object() == nullptr) mistake("it is no JSON object");
  }

  template <class T>
  void operator()(std::string_view name, T& into, const T& /*usual*/) {
    const text::Json* found = json_.find(name);
    if (found != nullptr && !found->is_null() && !read(*found, into))
      mistake(std::string(name) + " has the wrong type");
  }
  // The elements of a list, each by `one(element) -> Status`.
  template <class One>
  void list(std::string_view name, const One& one) {
    const text::Json* found = json_.find(name);
    if (found == nullptr || found->is_null()) return;
    if (found->as_array() == nullptr) return mistake(std::string(name) + " is no list");
    for (const auto& element : *found->as_array()) {
      if (const Status read = one(element); !read) return mistake(read.error().what);
    }
  }
  void mistake(std::string what) {
    if (mistake_.empty()) mistake_ = std::move(what);
  }
  // kCorrupt with the first mistake.
  [[nodiscard]] Status judge() const {
    if (mistake_.empty()) return {};
    return fail(ErrorCode::kCorrupt, "A record is damaged: " + mistake_ + ".");
  }

 private:
  static bool read(const text::Json& json, std::string& into) {
    if (json.as_string() == nullptr) return false;
    into = *json.as_string();
    return true;
  }
  static bool read(const text::Json& json, double& into) {
    const auto number = json.as_number();
    if (number) into = *number;
    return number.has_value();
  }
  template <std::integral T>
  static bool read(const text::Json& json, T& into) {
    const std::int64_t* number = json.as_int();
    if (number == nullptr || !std::in_range<T>(*number)) return false;
    into = static_cast<T>(*number);
    return true;
  }
  static bool read(const text::Json& json, std::chrono::nanoseconds& into) {
    std::int64_t count = 0;
    if (!read(json, count)) return false;
    into = std::chrono::nanoseconds(count);
    return true;
  }
  static bool read(const text::Json& json, std::optional<bool>& into) {
    if (json.as_bool() == nullptr) return false;
    into = *json.as_bool();
    return true;
  }
  static bool read(const text::Json& json, std::optional<std::uint64_t>& into);
  static bool read(const text::Json& json, std::vector<std::string>& into);

  const text::Json& json_;
  std::string mistake_;
};

}  // namespace dramatis::dialogue::internal
