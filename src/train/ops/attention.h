// Attention inside packed documents, rotation included, with gradients.
#pragma once

#include <cstdint>
#include <vector>

#include <torch/torch.h>

namespace dramatis::train::ops {

// How heads attend.
struct AttentionPlan {
  std::int64_t heads = 0;            // H of queries
  std::int64_t kv_heads = 0;         // G of keys and values; divides H
  std::vector<std::int64_t> starts;  // [documents + 1], the last is T
  torch::Tensor cosines, sines;      // [T, R/2] f32: how each position is turned
  bool rotates_halves = false;       // pairs i, i + R/2; else neighbours
};

// out[t, h] = sum over s of softmax_s(q[t, h] . k[s, g] / sqrt(R)) v[s, g], s from the beginning of
// t's document up to t, g = h * G / H, q and k rotated first. Nothing of [T, T] is kept: the way
// back computes the scores again, 64 rows at a time.
// Shapes: q [T, H R], k, v [T, G R], all f32 or all bf16; out like q. Threads: any. Sources:
// Vaswani et al. 2017, equation 1; Su et al. 2021; Dao et al. 2022, "FlashAttention", appendix B.2.
[[nodiscard]] torch::Tensor attend(const torch::Tensor& q, const torch::Tensor& k,
                                   const torch::Tensor& v, const AttentionPlan& plan);
// The same by libtorch's own operations.
[[nodiscard]] torch::Tensor plain_attend(const torch::Tensor& q, const torch::Tensor& k,
                                         const torch::Tensor& v, const AttentionPlan& plan);

}  // namespace dramatis::train::ops
