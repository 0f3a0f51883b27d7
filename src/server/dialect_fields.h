// The JSON object of a foreign client, read field by field. Unknown fields are let be, as all such
// services do; a known one of the wrong kind is named.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/dialect_fault.h"
#include "text/json.h"

namespace dramatis::server {

// Of several names for one thing, the first that is there counts.
using FieldNames = std::initializer_list<std::string_view>;

// Absent and null fields are the same. The first mistake is kept, and told at the end. One thread
// at a time.
class DialectFields {
 public:
  // `object` outlives it. `place`: before the names in faults, "options." for example.
  explicit DialectFields(const text::Json& object, std::string place = {})
      : object_(object), place_(std::move(place)) {}

  [[nodiscard]] std::optional<std::string> text(FieldNames names);
  [[nodiscard]] std::optional<bool> truth(FieldNames names);
  // A whole number (10.0 is one), in the range.
  [[nodiscard]] std::optional<std::int64_t> integer(FieldNames names, std::int64_t low,
                                                    std::int64_t high);
  [[nodiscard]] std::optional<double> number(FieldNames names, double low, double high);
  // A string, or a list of strings; at most `most`.
  [[nodiscard]] std::vector<std::string> texts(FieldNames names, std::size_t most);
  // Of any kind; null where absent.
  [[nodiscard]] const text::Json* value(FieldNames names) const;

  void mistake(std::string_view name, std::string what);
  void mistake(Fault fault) {
    if (!fault_) fault_ = std::move(fault);
  }
  // The name with its place.
  [[nodiscard]] std::string at(std::string_view name) const { return place_ + std::string(name); }
  [[nodiscard]] Judged<void> judge() const;

 private:
  struct Found {
    std::string_view name;
    const text::Json* value = nullptr;
  };
  [[nodiscard]] Found find(FieldNames names) const;

  const text::Json& object_;
  std::string place_;
  std::optional<Fault> fault_;
};

// The body of a request. Errors: kInvalidArgument where it is no JSON object.
[[nodiscard]] Judged<text::Json> read_object(std::string_view body);

}  // namespace dramatis::server
