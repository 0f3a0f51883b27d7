// Members of a foreign JSON object, by type and range.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "text/json.h"

namespace dramatis::convert::internal {

// A configuration under its file's name, which errors tell. An absent or null member is nothing.
// Errors: kCorrupt naming file, key and range.
class Fields {
 public:
  Fields(const text::Json& object, std::string file) : object_(object), file_(std::move(file)) {}

  [[nodiscard]] bool has(std::string_view key) const;
  [[nodiscard]] Result<std::optional<std::size_t>> count(std::string_view key, std::size_t least,
                                                         std::size_t most) const;
  [[nodiscard]] Result<std::size_t> count_or(std::string_view key, std::size_t otherwise,
                                             std::size_t most) const;
  // Errors besides: kNotFound where it is absent.
  [[nodiscard]] Result<std::size_t> needed_count(std::string_view key, std::size_t most) const;
  [[nodiscard]] Result<double> number_or(std::string_view key, double otherwise, double least,
                                         double most) const;
  [[nodiscard]] Result<std::string> text_or(std::string_view key, std::string_view otherwise) const;
  [[nodiscard]] Result<bool> truth_or(std::string_view key, bool otherwise) const;
  // kUnsupported naming the key where it is there and none of: null, false, 0, "", [] or {}.
  [[nodiscard]] Status refuse(std::string_view key, std::string_view why) const;

  [[nodiscard]] const text::Json& object() const { return object_; }
  [[nodiscard]] const std::string& file() const { return file_; }

 private:
  [[nodiscard]] const text::Json* find(std::string_view key) const;
  [[nodiscard]] tl::unexpected<Error> wrong(std::string_view key, std::string_view what) const;

  const text::Json& object_;  // of the caller
  std::string file_;
};

// A document whose outermost value is an object. Errors: kCorrupt and kOverBudget naming `file`.
[[nodiscard]] Result<text::Json> parse_object(std::string_view document, std::string_view file,
                                              std::size_t most_bytes);

}  // namespace dramatis::convert::internal
