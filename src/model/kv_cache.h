// Keys and values of one sequence, so that no token is computed twice.
#pragma once

#include <cstddef>
#include <span>

#include "base/result.h"
#include "model/config.h"
#include "tensor/buffer.h"
#include "tensor/dtype.h"

namespace dramatis::model {

// Room for a fixed number of tokens. One thread at a time; moves are cheap, a copy has a name.
class KvCache {
 public:
  // `dtype`: kF16 halves the memory, kF32 keeps every bit. Checked: one of these two.
  // Errors: kOverBudget with the bytes needed and allowed.
  [[nodiscard]] static Result<KvCache> make(const ModelConfig& config, std::size_t capacity,
                                            tensor::Dtype dtype);

  KvCache(KvCache&&) noexcept = default;
  KvCache& operator=(KvCache&&) noexcept = default;

  [[nodiscard]] std::size_t length() const { return length_; }      // tokens inside
  [[nodiscard]] std::size_t capacity() const { return capacity_; }  // tokens that fit
  [[nodiscard]] std::size_t bytes() const { return rows_.size(); }
  [[nodiscard]] tensor::Dtype dtype() const { return dtype_; }

  // Forgets what comes after the first `tokens`. Checked: tokens <= length().
  void truncate(std::size_t tokens);
  // A copy of the first `tokens`, with its own room. Checked: tokens <= length() and <= capacity.
  // Errors: kOverBudget.
  [[nodiscard]] Result<KvCache> fork(std::size_t tokens, std::size_t capacity) const;

  // For the model: the first row of layer l; rows are kv_width numbers of dtype() apart.
  [[nodiscard]] const std::byte* keys(std::size_t l) const {
    return rows_.span().data() + 2 * l * plane_bytes();
  }
  [[nodiscard]] const std::byte* values(std::size_t l) const {
    return rows_.span().data() + (2 * l + 1) * plane_bytes();
  }
  // Writes the row of token `position`. Shapes: key, value [kv_width]. Checked: position <
  // capacity().
  void write(std::size_t l, std::size_t position, std::span<const float> key,
             std::span<const float> value);
  // `tokens` more rows are complete in every layer.
  void advance(std::size_t tokens);

 private:
  KvCache() = default;
  [[nodiscard]] std::size_t row_bytes() const {
    return width_ * tensor::dtype_row(dtype_).bytes_per_block;
  }
  [[nodiscard]] std::size_t plane_bytes() const { return capacity_ * row_bytes(); }

  tensor::Buffer<std::byte> rows_;  // [layers, keys and values, capacity, kv_width]
  std::size_t layers_ = 0;
  std::size_t width_ = 0;
  std::size_t capacity_ = 0;
  std::size_t length_ = 0;
  tensor::Dtype dtype_ = tensor::Dtype::kF16;
};

}  // namespace dramatis::model
