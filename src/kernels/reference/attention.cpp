// Attention of one head, one key at a time.
#include <cmath>
#include <cstring>
#include <vector>

#include "base/check.h"
#include "kernels/half.h"
#include "kernels/internal/kv_rows.h"
#include "kernels/reference/reference.h"

namespace dramatis::kernels::reference {
namespace {

float half_at(const std::byte* from) {
  std::uint16_t half = 0;
  std::memcpy(&half, from, sizeof half);
  return from_f16(half);
}

float number_at(tensor::Dtype dtype, const std::byte* row, std::size_t i) {
  if (dtype == tensor::Dtype::kF16) return half_at(row + i * sizeof(std::uint16_t));
  if (dtype == tensor::Dtype::kF32) {
    float number = 0;
    std::memcpy(&number, row + i * sizeof number, sizeof number);
    return number;
  }
  const std::byte* block = row + i / internal::kKvBlock * internal::kKvBlockBytes;
  const auto integer =
      static_cast<std::int8_t>(block[internal::kKvScaleBytes + i % internal::kKvBlock]);
  return static_cast<float>(integer) * half_at(block);
}

// Row n of the keys or values, whichever `part` leads to.
std::vector<float> cache_row(const HeadView& head, std::size_t part, std::size_t n) {
  std::vector<float> row(head.query.size());
  const std::byte* from =
      head.pages[n / head.page_rows] + part + n % head.page_rows * head.row_bytes;
  for (std::size_t i = 0; i < row.size(); ++i) row[i] = number_at(head.dtype, from, i);
  return row;
}

}  // namespace

void attend(const HeadView& head, KvWindow seen, std::span<float> scores, std::span<float> out) {
  internal::check_head(head, seen, scores, out);
  const auto used = scores.first(seen.length);
  for (std::size_t n = 0; n < seen.length; ++n) {
    used[n] = dot(head.query, cache_row(head, head.keys, seen.first + n)) * head.scale;
  }
  if (head.cap > 0) soft_cap(used, head.cap);
  softmax(used);
  std::fill(out.begin(), out.end(), 0.0F);
  for (std::size_t n = 0; n < seen.length; ++n) {
    const auto value = cache_row(head, head.values, seen.first + n);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = std::fma(used[n], value[i], out[i]);
  }
}

}  // namespace dramatis::kernels::reference
