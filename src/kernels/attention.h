// One query head over the keys and values of one sequence, which stand in pages.
#pragma once

#include <cstddef>
#include <span>

#include "tensor/dtype.h"

namespace dramatis::kernels {

// What one head sees. Page p holds rows p * page_rows and on; in it, row n begins n * row_bytes
// after the first. Q8_0 rows are blocks of 32 numbers, so heads are whole blocks wide there.
struct HeadView {
  std::span<const float> query;  // [H]
  tensor::Dtype dtype;           // of keys and values: kF32, kF16 or kQ8_0
  std::span<const std::byte* const> pages;
  std::size_t page_rows;  // of every page
  std::size_t keys;       // bytes from a page's beginning to this head in its first key
  std::size_t values;     // the same of values
  std::size_t row_bytes;  // between rows
  float scale;            // of the products, usually 1 / sqrt(H)
  float cap = 0;          // above 0: products become cap * tanh(product / cap) before the softmax
};

// Cache rows this token may see: `first` up to, not including, `first + length`.
struct KvWindow {
  std::size_t first;
  std::size_t length;
};

// out = sum over n of softmax(scale * query . key[n]) * value[n], n in the window, summed in order
// of n; with the products capped first where the head asks. A number of a Q8_0 row is its integer
// times its scale, rounded to f32. Results do not depend on how rows are split into pages. Shapes:
// out [H]; scores [at least length], overwritten. Checked: length > 0, sizes, dtype, pages for the
// whole window. The caller answers for the bytes behind `pages`. Threads: any, with scores and out
// of their own. Source: Vaswani et al. 2017, equation 1.
void attend(const HeadView& head, KvWindow seen, std::span<float> scores, std::span<float> out);

}  // namespace dramatis::kernels
