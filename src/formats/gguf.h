// GGUF (versions 2 and 3, little-endian): foreign bytes -> checked metadata and named tensor views.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "tensor/buffer.h"
#include "tensor/dtype.h"

namespace dramatis::formats {

// An array of metadata; integers are widened, element kinds stay apart.
using GgufArray = std::variant<std::vector<std::int64_t>, std::vector<double>, std::vector<bool>,
                               std::vector<std::string>>;
// A value of metadata. u64 past the range of int64 is refused.
using GgufValue = std::variant<std::int64_t, double, bool, std::string, GgufArray>;

// A tensor in a file: rows of `shape[0]` columns (GGUF's ne[0] is the innermost).
struct GgufTensor {
  std::string name;
  tensor::Dtype dtype;
  std::vector<std::size_t> shape;    // innermost first, as in the file
  std::span<const std::byte> bytes;  // kept alive by the Gguf
};

// A whole file, every count, length, offset and shape checked before use. Immutable.
class Gguf {
 public:
  // Takes the bytes of a file. Errors: kCorrupt naming key or tensor, byte and both numbers;
  // kUnsupported for a version or tensor type which this build does not read; kOverBudget.
  [[nodiscard]] static Result<Gguf> parse(std::vector<std::byte> file);
  // Reads a regular file of at most kMaxGgufBytes first. Errors as above and those of read_file.
  [[nodiscard]] static Result<Gguf> read(const std::filesystem::path& path);

  [[nodiscard]] const GgufValue* find(std::string_view key) const&;
  const GgufValue* find(std::string_view key) && = delete;
  [[nodiscard]] const GgufTensor* tensor(std::string_view name) const&;
  const GgufTensor* tensor(std::string_view name) && = delete;
  [[nodiscard]] std::span<const std::pair<std::string, GgufValue>> metadata() const& {
    return metadata_;
  }
  [[nodiscard]] std::span<const GgufTensor> tensors() const& { return tensors_; }
  [[nodiscard]] std::uint32_t version() const { return version_; }
  [[nodiscard]] std::size_t file_size() const { return file_.size(); }
  // The whole file, as it was read.
  [[nodiscard]] std::span<const std::byte> bytes() const& { return file_; }
  std::span<const std::byte> bytes() && = delete;
  // Oddities that do not stop a load: holes between tensors, trailing bytes, unknown tensors.
  [[nodiscard]] std::span<const std::string> warnings() const& { return warnings_; }

  // Typed look-ups. Errors: kNotFound naming the key; kCorrupt where it is of another type.
  [[nodiscard]] Result<std::int64_t> integer(std::string_view key) const;
  [[nodiscard]] Result<double> number(std::string_view key) const;
  [[nodiscard]] Result<std::string_view> text(std::string_view key) const&;
  Result<std::string_view> text(std::string_view key) && = delete;

 private:
  // Checks and lists what file_ holds.
  [[nodiscard]] static Result<Gguf> walk(Gguf gguf);

  // One of the two holds the file; either's bytes stay where they are when it is moved.
  std::vector<std::byte> given_;
  tensor::Buffer<std::byte> read_;
  std::span<const std::byte> file_;
  std::vector<std::pair<std::string, GgufValue>> metadata_;
  std::vector<GgufTensor> tensors_;
  std::vector<std::string> warnings_;
  std::uint32_t version_ = 0;
};

}  // namespace dramatis::formats
