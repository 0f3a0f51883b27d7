// A step of a pass that keeps its input alone, with gradients.
#pragma once

#include <functional>
#include <vector>

#include <torch/torch.h>

namespace dramatis::train::ops {

// Rows in, rows out. The same input gives the same output and the same graph, whenever it is
// called.
using Step = std::function<torch::Tensor(const torch::Tensor& x)>;

// step(x), and the gradients of step(x), bit for bit. Of all that the step computes nothing stays
// but x: the way back calls it again. `learnt`: whatever learns of what it reads beside x. What the
// step refers to outlives the graph of what is returned. Threads: any.
// Source: Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost", section 4.
[[nodiscard]] torch::Tensor recomputed(Step step, const torch::Tensor& x,
                                       const std::vector<torch::Tensor>& learnt);

}  // namespace dramatis::train::ops
