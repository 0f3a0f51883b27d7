// A row at a time, both ways.
#include "train/ops/rms_norm.h"

#include "kernels/gradients.h"
#include "kernels/vectors.h"
#include "train/ops/rows.h"

namespace dramatis::train::ops {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

class RmsNorm : public torch::autograd::Function<RmsNorm> {
 public:
  static torch::Tensor forward(AutogradContext* kept, const torch::Tensor& x,
                               const torch::Tensor& gain, double epsilon, bool half) {
    kept->save_for_backward({x, gain});
    kept->saved_data["epsilon"] = epsilon;
    auto y = torch::empty(x.sizes(), half ? torch::kBFloat16 : torch::kFloat32);
    const std::size_t width = z(x.size(1));
    std::vector<float> row(width);
    for (std::size_t t = 0; t < z(x.size(0)); ++t) {
      kernels::rms_norm({floats(x) + t * width, width}, {floats(gain), width},
                        static_cast<float>(epsilon), row);
      write_row(row, y, t * width);
    }
    return y;
  }

  static variable_list backward(AutogradContext* kept, variable_list grads) {
    const auto saved = kept->get_saved_variables();
    const auto& x = saved[0];
    const auto& gain = saved[1];
    const auto epsilon = static_cast<float>(kept->saved_data["epsilon"].toDouble());
    const auto dy = grads[0].contiguous();
    const std::size_t width = z(x.size(1));
    auto dx = torch::empty_like(x);
    torch::Tensor dgain = gain.requires_grad() ? torch::zeros_like(gain) : torch::Tensor();
    const std::span<float> learnt =
        dgain.defined() ? std::span(floats(dgain), width) : std::span<float>();
    ReadRow read;
    for (std::size_t t = 0; t < z(x.size(0)); ++t) {
      kernels::rms_norm_back({floats(x) + t * width, width}, {floats(gain), width}, epsilon,
                             read(dy, t * width, width), {floats(dx) + t * width, width}, learnt);
    }
    return {dx, dgain, torch::Tensor(), torch::Tensor()};
  }
};

}  // namespace

torch::Tensor rms_norm(const torch::Tensor& x, const torch::Tensor& gain, double epsilon,
                       torch::Dtype dtype) {
  return RmsNorm::apply(x.contiguous(), gain, epsilon, dtype == torch::kBFloat16);
}

torch::Tensor plain_rms_norm(const torch::Tensor& x, const torch::Tensor& gain, double epsilon) {
  return x * torch::rsqrt(x.square().mean(-1, /*keepdim=*/true) + epsilon) * gain;
}

}  // namespace dramatis::train::ops
