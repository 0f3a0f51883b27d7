// A matrix's gradients -> where Muon moves it.
#pragma once

#include <torch/torch.h>

namespace dramatis::train {

// Takes `gradient`, a matrix of f32, into `momentum` of the same shape and returns the nearest
// orthogonal matrix to what lies ahead of it (Nesterov), so that every direction learns at one
// pace; scaled as a tall matrix wants it. The weight moves against it. Five rounds of a quintic
// bring each singular value into about [0.7, 1.2]; all zeros stay zeros. Of any thread. Source:
// Jordan et al. 2024, "Muon: an optimizer for hidden layers"; its coefficients.
[[nodiscard]] torch::Tensor muon_direction(const torch::Tensor& gradient,
                                           const torch::Tensor& momentum);

}  // namespace dramatis::train
