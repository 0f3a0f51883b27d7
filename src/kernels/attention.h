// One query head over the keys and values of one sequence.
#pragma once

#include <cstddef>
#include <span>

#include "tensor/dtype.h"

namespace dramatis::kernels {

// What one head sees. Rows of keys and values stand `stride` numbers apart.
struct HeadView {
  std::span<const float> query;  // [H]
  tensor::Dtype dtype;           // of keys and values: kF32 or kF16
  const std::byte* keys;         // row n begins at n * stride numbers
  const std::byte* values;
  std::size_t stride;  // numbers between rows
  float scale;         // of the products, usually 1 / sqrt(H)
  float cap = 0;       // above 0: products become cap * tanh(product / cap) before the softmax
};

// Cache rows this token may see: `first` up to, not including, `first + length`.
struct KvWindow {
  std::size_t first;
  std::size_t length;
};

// out = sum over n of softmax(scale * query . key[n]) * value[n], n in the window, summed in order
// of n; with the products capped first where the head asks. Shapes: out [H]; scores [at least
// length], overwritten. Checked: length > 0, sizes, dtype. The caller answers for the rows behind
// `keys` and `values`. Threads: any, with scores and out of their own. Source: Vaswani et al. 2017,
// equation 1.
void attend(const HeadView& head, KvWindow seen, std::span<float> scores, std::span<float> out);

}  // namespace dramatis::kernels
