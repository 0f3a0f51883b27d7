// Weights as files have them -> panels.
#include "base/check.h"
#include "kernels/dense.h"

namespace dramatis::kernels {

Panels::Panels(std::span<const float> weights, std::span<const float> bias)
    : inputs_(bias.empty() ? 0 : weights.size() / bias.size()), outputs_(bias.size()) {
  DRAMATIS_CHECK(inputs_ > 0 && inputs_ * outputs_ == weights.size());
  const std::size_t stride = (1 + inputs_) * kPanelWidth;
  numbers_ = tensor::Buffer<float>(count() * stride);
  const auto numbers = numbers_.span();
  for (std::size_t o = 0; o < count() * kPanelWidth; ++o) {
    const auto column = numbers.subspan(o / kPanelWidth * stride + o % kPanelWidth);
    const bool exists = o < outputs_;
    column[0] = exists ? bias[o] : 0.0F;
    for (std::size_t i = 0; i < inputs_; ++i) {
      column[(i + 1) * kPanelWidth] = exists ? weights[o * inputs_ + i] : 0.0F;
    }
  }
}

std::span<const float> Panels::panel(std::size_t p) const& {
  DRAMATIS_CHECK(p < count());
  const std::size_t stride = (1 + inputs_) * kPanelWidth;
  return numbers_.span().subspan(p * stride, stride);
}

}  // namespace dramatis::kernels
