// safetensors: foreign bytes -> checked metadata and named tensor views; and the inverse.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace dramatis::formats {

enum class SafeDtype { kF32, kF16, kBF16, kI64, kI32, kU8 };

[[nodiscard]] std::size_t bytes_of(SafeDtype dtype);
[[nodiscard]] std::string_view name_of(SafeDtype dtype);  // "F32", as in the file

// A tensor of a file: row-major, outermost dimension first. Rank 0 and empty tensors are allowed.
struct SafeTensor {
  std::string name;
  SafeDtype dtype;
  std::vector<std::size_t> shape;
  std::span<const std::byte> bytes;  // kept alive by the file, or by whoever writes one
};

using SafeMetadata = std::vector<std::pair<std::string, std::string>>;

// A whole file, checked: the data is covered without hole or overlap and each size agrees.
// Immutable.
class Safetensors {
 public:
  // Errors: kCorrupt naming the tensor and both numbers; kUnsupported for a dtype; kOverBudget.
  [[nodiscard]] static Result<Safetensors> parse(std::vector<std::byte> file);
  [[nodiscard]] static Result<Safetensors> read(const std::filesystem::path& path);

  [[nodiscard]] const SafeTensor* tensor(std::string_view name) const&;
  const SafeTensor* tensor(std::string_view name) && = delete;
  [[nodiscard]] std::span<const SafeTensor> tensors() const& { return tensors_; }
  // The value of a `__metadata__` key, or null.
  [[nodiscard]] const std::string* metadata(std::string_view key) const&;
  const std::string* metadata(std::string_view key) && = delete;

 private:
  std::vector<std::byte> file_;  // a vector's bytes stay where they are when it is moved
  std::vector<SafeTensor> tensors_;
  SafeMetadata metadata_;
};

// The bytes of a file with these tensors, in this order. Checked: each tensor's bytes fit its
// shape.
[[nodiscard]] std::vector<std::byte> write_safetensors(std::span<const SafeTensor> tensors,
                                                       const SafeMetadata& metadata);

}  // namespace dramatis::formats
