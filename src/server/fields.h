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

// Absent and null fields are the same. The first mistake is kept, and told at the end.
class Fields {
 public:
  // Errors: kInvalidArgument where `body` is no JSON object.
  [[nodiscard]] static Result<Fields> read(std::string_view body);

  [[nodiscard]] std::optional<std::string> text(std::string_view name);
  [[nodiscard]] std::optional<bool> truth(std::string_view name);
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view name);
  [[nodiscard]] std::optional<double> number(std::string_view name);
  // As text(), but absence is a mistake.
  [[nodiscard]] std::string required_text(std::string_view name);

  // The first mistake, or a field that nobody asked for.
  [[nodiscard]] Status judge() const;

 private:
  explicit Fields(text::Json object) : object_(std::move(object)) {}
  [[nodiscard]] const text::Json* take(std::string_view name);
  void mistake(std::string what);

  text::Json object_;
  std::set<std::string, std::less<>> known_;
  std::optional<Error> mistake_;
};

}  // namespace dramatis::server
