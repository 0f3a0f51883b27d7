// The way back builds the graph that the way there did without, and goes back through it at once.
#include "train/ops/recompute.h"

#include <utility>

namespace dramatis::train::ops {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// What a pass hands to its way back beside the input.
struct KeptStep : torch::CustomClassHolder {
  Step step;
  variable_list learnt;
  bool input_learns = false;
};

class Recomputed : public torch::autograd::Function<Recomputed> {
 public:
  static torch::Tensor forward(AutogradContext* kept, const torch::Tensor& x,
                               at::TensorList /*learnt*/, const c10::intrusive_ptr<KeptStep>& how) {
    kept->save_for_backward({x});
    kept->saved_data["how"] =
        c10::IValue::make_capsule(c10::intrusive_ptr<torch::CustomClassHolder>(how));
    return how->step(x);
  }

  static variable_list backward(AutogradContext* kept, variable_list grads) {
    const auto capsule = kept->saved_data["how"].toCapsule();
    const auto& how = static_cast<const KeptStep&>(*capsule);
    const auto x = kept->get_saved_variables()[0].detach().set_requires_grad(how.input_learns);
    variable_list asked = how.learnt;
    if (how.input_learns) asked.insert(asked.begin(), x);
    const torch::AutoGradMode with_gradients(true);
    auto found = torch::autograd::grad({how.step(x)}, asked, grads, /*retain_graph=*/false,
                                       /*create_graph=*/false, /*allow_unused=*/true);
    if (!how.input_learns) found.insert(found.begin(), torch::Tensor());
    found.emplace_back();  // of `how`
    return found;
  }
};

}  // namespace

torch::Tensor recomputed(Step step, const torch::Tensor& x,
                         const std::vector<torch::Tensor>& learnt) {
  auto how = c10::make_intrusive<KeptStep>();
  how->step = std::move(step);
  how->learnt = learnt;
  how->input_learns = x.requires_grad();
  return Recomputed::apply(x, at::TensorList(how->learnt), how);
}

}  // namespace dramatis::train::ops
