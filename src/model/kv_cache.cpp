// One block of memory, a plane of keys and one of values for each layer.
#include "model/kv_cache.h"

#include <cstring>

#include <fmt/format.h>

#include "base/check.h"
#include "base/checked.h"
#include "kernels/vectors.h"
#include "model/limits.h"

namespace dramatis::model {

Result<KvCache> KvCache::make(const ModelConfig& config, std::size_t capacity,
                              tensor::Dtype dtype) {
  DRAMATIS_CHECK(dtype == tensor::Dtype::kF16 || dtype == tensor::Dtype::kF32);
  const std::size_t token_bytes =
      2 * config.layers * config.kv_width() * tensor::dtype_row(dtype).bytes_per_block;
  const auto bytes = checked_mul(token_bytes, capacity);
  if (!bytes || *bytes > kMaxCacheBytes) {
    return fail(ErrorCode::kOverBudget,
                fmt::format("{} tokens of keys and values need {} bytes each; at most {} bytes are "
                            "allowed. Ask for a smaller context.",
                            capacity, token_bytes, kMaxCacheBytes));
  }
  KvCache cache;
  try {
    cache.rows_ = tensor::Buffer<std::byte>(*bytes);
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::kOverBudget,
                fmt::format("There is no memory for {} bytes of keys and values.", *bytes));
  }
  cache.layers_ = config.layers;
  cache.width_ = config.kv_width();
  cache.capacity_ = capacity;
  cache.dtype_ = dtype;
  return cache;
}

void KvCache::truncate(std::size_t tokens) {
  DRAMATIS_CHECK(tokens <= length_);
  length_ = tokens;
}

Result<KvCache> KvCache::fork(std::size_t tokens, std::size_t capacity) const {
  DRAMATIS_CHECK(tokens <= length_ && tokens <= capacity);
  const ModelConfig shape{.layers = layers_, .kv_heads = 1, .head_width = width_};
  DRAMATIS_TRY(auto copy, make(shape, capacity, dtype_));
  for (std::size_t plane = 0; plane < 2 * layers_ && tokens > 0; ++plane) {
    std::memcpy(copy.rows_.span().data() + plane * copy.plane_bytes(),
                rows_.span().data() + plane * plane_bytes(), tokens * row_bytes());
  }
  copy.length_ = tokens;
  return copy;
}

void KvCache::write(std::size_t l, std::size_t position, std::span<const float> key,
                    std::span<const float> value) {
  DRAMATIS_CHECK(l < layers_ && position < capacity_ && key.size() == width_ &&
                 value.size() == width_);
  std::byte* key_row = rows_.span().data() + 2 * l * plane_bytes() + position * row_bytes();
  std::byte* value_row = key_row + plane_bytes();
  if (dtype_ == tensor::Dtype::kF32) {
    std::memcpy(key_row, key.data(), row_bytes());
    std::memcpy(value_row, value.data(), row_bytes());
    return;
  }
  kernels::narrow(key, {reinterpret_cast<std::uint16_t*>(key_row), width_});
  kernels::narrow(value, {reinterpret_cast<std::uint16_t*>(value_row), width_});
}

void KvCache::advance(std::size_t tokens) {
  DRAMATIS_CHECK(tokens <= capacity_ - length_);
  length_ += tokens;
}

}  // namespace dramatis::model
