// The JSON object of a request body, taken apart field by field; what is left over is refused by
// name.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/result.h"
#include "text/json.h"

namespace dramatis::server {

// Absent and null fields are the same, unless has_null() is asked. The first mistake is kept, and
// told at the end with the name of its field.
class Fields {
 public:
  // Errors: kInvalidArgument where `body` is no JSON object.
  [[nodiscard]] static Result<Fields> read(std::string_view body);
  // As read(), but nothing at all is an empty object.
  [[nodiscard]] static Result<Fields> read_or_empty(std::string_view body);

  [[nodiscard]] std::optional<std::string> text(std::string_view name);
  [[nodiscard]] std::optional<bool> truth(std::string_view name);
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view name);
  [[nodiscard]] std::optional<double> number(std::string_view name);
  // As text(), but absence is a mistake.
  [[nodiscard]] std::string required_text(std::string_view name);
  // The fields of an object within, whose mistakes are told as "name.field"; judged by themselves.
  [[nodiscard]] std::optional<Fields> object(std::string_view name);
  // The objects of a list, as "name[0].field".
  [[nodiscard]] std::optional<std::vector<Fields>> objects(std::string_view name);
  // The field is there, and is null.
  [[nodiscard]] bool has_null(std::string_view name);
  // Whether the field is there, null or not.
  [[nodiscard]] bool has(std::string_view name) const { return object_.find(name) != nullptr; }

  // Tells a mistake of the caller's own finding.
  void mistake(std::string_view name, std::string_view what);
  // The first mistake, or a field that nobody asked for.
  [[nodiscard]] Status judge() const;

 private:
  Fields(text::Json object, std::string before)
      : object_(std::move(object)), before_(std::move(before)) {}
  [[nodiscard]] const text::Json* take(std::string_view name);

  text::Json object_;
  std::string before_;  // "scene." of an object within
  std::set<std::string, std::less<>> known_;
  std::optional<Error> mistake_;
};

}  // namespace dramatis::server
