// Cross-entropy of rows against a head, without the logits of all rows, with gradients.
#pragma once

#include <memory>

#include <torch/torch.h>

#include "train/ops/linear.h"

namespace dramatis::train::ops {

// loss[n] = log(sum over v of exp(rows[n] . head[v])) - rows[n] . head[targets[n]].
// Logits exist for a few rows at a time; what the way back needs of them is made at once: the
// gradient of the rows, and, where the head learns, [N, V] in the type of the rows.
// Shapes: rows [N, D], f32 or, with `packed`, bf16; head [V, D]; targets [N] int64 below V; loss
// [N] f32. Threads: any.
[[nodiscard]] torch::Tensor cross_entropy(const torch::Tensor& rows, const torch::Tensor& head,
                                          const std::shared_ptr<const PackedWeight>& packed,
                                          const torch::Tensor& targets);
// The same by libtorch's own operations.
[[nodiscard]] torch::Tensor plain_cross_entropy(const torch::Tensor& rows,
                                                const torch::Tensor& head,
                                                const torch::Tensor& targets);

}  // namespace dramatis::train::ops
