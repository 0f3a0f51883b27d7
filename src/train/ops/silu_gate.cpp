// A row at a time, both ways.
#include "train/ops/silu_gate.h"

#include "kernels/gradients.h"
#include "kernels/vectors.h"
#include "train/ops/rows.h"

namespace dramatis::train::ops {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

class SiluGate : public torch::autograd::Function<SiluGate> {
 public:
  static torch::Tensor forward(AutogradContext* kept, const torch::Tensor& gate,
                               const torch::Tensor& up) {
    kept->save_for_backward({gate, up});
    auto out = torch::empty_like(gate);
    const std::size_t width = z(gate.size(1));
    std::vector<float> row(width);
    ReadRow read_gate, read_up;
    for (std::size_t first = 0; first < z(gate.numel()); first += width) {
      kernels::silu_mul(read_gate(gate, first, width), read_up(up, first, width), row);
      write_row(row, out, first);
    }
    return out;
  }

  static variable_list backward(AutogradContext* kept, variable_list grads) {
    const auto saved = kept->get_saved_variables();
    const auto& gate = saved[0];
    const auto& up = saved[1];
    const auto dout = grads[0].contiguous();
    auto dgate = torch::empty_like(gate);
    auto dup = torch::empty_like(up);
    const std::size_t width = z(gate.size(1));
    std::vector<float> of_gate(width), of_up(width);
    ReadRow read_out, read_gate, read_up;
    for (std::size_t first = 0; first < z(gate.numel()); first += width) {
      kernels::silu_mul_back(read_out(dout, first, width), read_gate(gate, first, width),
                             read_up(up, first, width), of_gate, of_up);
      write_row(of_gate, dgate, first);
      write_row(of_up, dup, first);
    }
    return {dgate, dup};
  }
};

}  // namespace

torch::Tensor silu_gate(const torch::Tensor& gate, const torch::Tensor& up) {
  return SiluGate::apply(gate.contiguous(), up.contiguous());
}

torch::Tensor plain_silu_gate(const torch::Tensor& gate, const torch::Tensor& up) {
  return torch::silu(gate) * up;
}

}  // namespace dramatis::train::ops
