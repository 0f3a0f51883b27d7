// Newton and Schulz's iteration, in the factors that products take.
#include "train/muon.h"

#include <algorithm>
#include <cmath>

#include "train/precision.h"

namespace dramatis::train {
namespace {

torch::Tensor orthogonalised(const torch::Tensor& g) {
  constexpr double kA = 3.4445;
  constexpr double kB = -4.7750;
  constexpr double kC = 2.0315;
  constexpr int kRounds = 5;
  const bool tall = g.size(0) > g.size(1);
  torch::Tensor x = tall ? g.t() : g;
  x = to_factor(x / (x.norm() + 1e-7));
  for (int round = 0; round < kRounds; ++round) {
    const auto a = torch::mm(x, x.t());
    const auto b = kB * a + kC * torch::mm(a, a);
    x = kA * x + torch::mm(b, x);
  }
  return (tall ? x.t() : x).to(torch::kFloat32);
}

}  // namespace

torch::Tensor muon_direction(const torch::Tensor& gradient, const torch::Tensor& momentum) {
  constexpr double kMomentum = 0.95;
  momentum.mul_(kMomentum).add_(gradient);
  const auto ahead = gradient.add(momentum, kMomentum);
  const double tall = std::sqrt(
      std::max(1.0, static_cast<double>(gradient.size(0)) / static_cast<double>(gradient.size(1))));
  return orthogonalised(ahead) * tall;
}

}  // namespace dramatis::train
