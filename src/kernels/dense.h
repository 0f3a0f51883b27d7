// What encoders compute with: products of packed f32 weights with many rows, layer norm, GELU.
#pragma once

#include <cstddef>
#include <span>

#include "tensor/buffer.h"

namespace dramatis::kernels {

// Outputs that one pass over a row computes: two registers of AVX-512 or four of AVX2, so that one
// number of the row serves all of them.
constexpr std::size_t kPanelWidth = 32;

// [O, I] weights and [O] biases, packed: panels of kPanelWidth outputs, in each first the biases,
// then the weights of input 0, of input 1 and so on; outputs missing in the last panel are zeros.
// Immutable.
class Panels {
 public:
  Panels() = default;
  // Shapes: weights [O, I], row-major; bias [O]. Checked: not empty, weights O * I long. Throws
  // std::bad_alloc.
  Panels(std::span<const float> weights, std::span<const float> bias);

  [[nodiscard]] std::size_t inputs() const { return inputs_; }
  [[nodiscard]] std::size_t outputs() const { return outputs_; }
  [[nodiscard]] std::size_t count() const { return (outputs_ + kPanelWidth - 1) / kPanelWidth; }
  // [1 + I, kPanelWidth]. Checked: p < count().
  [[nodiscard]] std::span<const float> panel(std::size_t p) const&;
  std::span<const float> panel(std::size_t p) && = delete;

 private:
  std::size_t inputs_ = 0;
  std::size_t outputs_ = 0;
  tensor::Buffer<float> numbers_;
};

// out[t, o] = bias[o] + sum over i of weights[o, i] * x[t, i]: one fused multiply-add each, in
// order of i, beginning with the bias, so that a result depends on its row and its token alone.
// (Machines without fused multiply-add round twice.)
// Shapes: x [T, I], out [T, O]. Checked. Threads: any.
void multiply_panels(const Panels& weights, std::span<const float> x, std::span<float> out);

// out[n] = (x[n] - mean) / sqrt(mean((x - mean)^2) + epsilon) * weight[n] + bias[n]; the sums in
// the order of kernels/vectors.h.
// Shapes: x, weight, bias, out [D]; out may be x. Checked: equal lengths, D > 0. Threads: any.
// Source: Ba et al. 2016, "Layer Normalization", equation 4.
void layer_norm(std::span<const float> x, std::span<const float> weight,
                std::span<const float> bias, float epsilon, std::span<float> out);

// x[n] = x[n] * (1 + erf(x[n] / sqrt(2))) / 2, in place, to 1e-6 of the larger of |x[n]| and 1.
// Threads: any. Sources: Hendrycks & Gimpel 2016, "Gaussian Error Linear Units"; Abramowitz &
// Stegun 1964, 7.1.26.
void gelu(std::span<float> x);

}  // namespace dramatis::kernels
