// Rounded activations as the fast products read them: rows in whole groups of eight blocks, with
// the sums that shifts are multiplied with.
#pragma once

#include "kernels/internal/unpacked.h"

namespace dramatis::kernels::internal {

// A token's row, from one of its blocks on.
struct InputRow {
  const std::int8_t* integers;
  const float* scales;
  const std::int16_t* sums;  // of each 16 integers: at most 16 * 127
};

// Where products go: that of the n-th weight row of a range and input row t
// to first[t * stride + n].
struct Products {
  float* first;
  std::size_t stride;
};

// Copies where rows are no whole groups, and adds up. Immutable; the activations must stay. Throws
// std::bad_alloc.
class Inputs {
 public:
  explicit Inputs(const Activations& x);

  // Those of what was left included, where activations are rounded twice.
  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] InputRow row(std::size_t t) const {
    return {integers_.data() + t * blocks_ * kRoundBlock, scales_.data() + t * blocks_,
            sums_.span().data() + t * blocks_ * kPartsOfBlock};
  }

 private:
  void pad(const Activations& x);

  std::size_t rows_;
  std::size_t blocks_;                     // of a row, those past its end included
  std::span<const std::int8_t> integers_;  // [T, blocks * 32]: the caller's or padded_integers_
  std::span<const float> scales_;          // [T, blocks]: likewise
  tensor::Buffer<std::int8_t> padded_integers_;
  tensor::Buffer<float> padded_scales_;
  tensor::Buffer<std::int16_t> sums_;  // [T, blocks * 2]
};

}  // namespace dramatis::kernels::internal
