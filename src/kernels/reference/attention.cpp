// Attention of one head, one key at a time.
#include <cmath>
#include <cstring>
#include <vector>

#include "base/check.h"
#include "kernels/half.h"
#include "kernels/reference/reference.h"

namespace dramatis::kernels::reference {
namespace {

std::vector<float> cache_row(const HeadView& head, const std::byte* rows, std::size_t n) {
  std::vector<float> row(head.query.size());
  if (head.dtype == tensor::Dtype::kF32) {
    std::memcpy(row.data(), rows + n * head.stride * sizeof(float), row.size() * sizeof(float));
    return row;
  }
  for (std::size_t i = 0; i < row.size(); ++i) {
    std::uint16_t half = 0;
    std::memcpy(&half, rows + (n * head.stride + i) * sizeof half, sizeof half);
    row[i] = from_f16(half);
  }
  return row;
}

}  // namespace

void attend(const HeadView& head, KvWindow seen, std::span<float> scores, std::span<float> out) {
  DRAMATIS_CHECK(seen.length > 0 && scores.size() >= seen.length &&
                 out.size() == head.query.size());
  DRAMATIS_CHECK(head.dtype == tensor::Dtype::kF32 || head.dtype == tensor::Dtype::kF16);
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
