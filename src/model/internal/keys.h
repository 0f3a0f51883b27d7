// The keys of one architecture, read from a file's metadata and kept within ranges.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "formats/gguf.h"

namespace dramatis::model::internal {

// A foreign text as it may stand in an error: short, without control characters.
[[nodiscard]] std::string shown(std::string_view text);

// Both ends are allowed.
struct NumberRange {
  double least;
  double most;
};

// Looks keys up as "<architecture>.<part>". Keeps no file alive. Errors: kNotFound naming the key,
// kCorrupt naming key, value and range.
class Keys {
 public:
  Keys(const formats::Gguf& file, std::string_view architecture)
      : file_(file), architecture_(architecture) {}

  [[nodiscard]] const formats::Gguf& file() const { return file_; }
  [[nodiscard]] std::string name(std::string_view part) const;
  [[nodiscard]] bool has(std::string_view part) const { return file_.find(name(part)) != nullptr; }

  // From 1 to `most`.
  [[nodiscard]] Result<std::size_t> count(std::string_view part, std::size_t most) const;
  [[nodiscard]] Result<std::size_t> count_or(std::string_view part, std::size_t otherwise,
                                             std::size_t most) const;
  // NaN is in no range.
  [[nodiscard]] Result<double> number_or(std::string_view part, double otherwise,
                                         NumberRange range) const;
  // `otherwise` where the key is absent. Errors: kCorrupt where it is no text.
  [[nodiscard]] Result<std::string_view> text_or(std::string_view part,
                                                 std::string_view otherwise) const;

 private:
  const formats::Gguf& file_;
  std::string_view architecture_;
};

}  // namespace dramatis::model::internal
