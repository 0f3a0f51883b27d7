// The number formats of weights: how many numbers share a block, and how many bytes a block takes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace dramatis::tensor {

// Named as GGUF files name them. Which of them a kernel computes with is said in kernels/matmul.h.
enum class Dtype : std::uint8_t {
  kF32,
  kF16,
  kBF16,
  kQ8_0,
  kQ4_0,
  kQ4_1,
  kQ5_0,
  kQ5_1,
  kQ2_K,
  kQ3_K,
  kQ4_K,
  kQ5_K,
  kQ6_K,
  kIQ4_NL,
};

struct DtypeRow {
  Dtype dtype;
  std::string_view name;  // "Q8_0"
  std::uint32_t ggml_id;  // the number in a GGUF file
  std::size_t block;      // numbers that share scales; rows are whole blocks
  std::size_t bytes_per_block;
};

// The row of `dtype`; each has one.
[[nodiscard]] const DtypeRow& dtype_row(Dtype dtype);
// The type that a GGUF file means by `id`; nothing for removed and unknown ones.
[[nodiscard]] std::optional<Dtype> dtype_of_ggml_id(std::uint32_t id);

// Bytes of `count` numbers that stand in whole blocks; nothing where they do not, or do not fit.
[[nodiscard]] std::optional<std::size_t> bytes_of(Dtype dtype, std::size_t count);

}  // namespace dramatis::tensor
