// AdamW moves each number against its mean gradient, measured by its usual size.
#include "train/tune/update_rule.h"

#include <cmath>

#include "base/check.h"
#include "kernels/adamw.h"
#include "train/muon.h"
#include "train/parallel.h"

namespace dramatis::train::tune {
namespace {

// Of a contiguous tensor of f32, which keeps them alive.
std::span<float> numbers_of(const torch::Tensor& x) {
  return {x.data_ptr<float>(), static_cast<std::size_t>(x.numel())};
}

}  // namespace

double length_of(const std::vector<torch::Tensor>& gradients) {
  std::vector<double> squares(gradients.size());
  in_parallel(gradients.size(), [&](std::size_t n) {
    if (!gradients[n].defined()) return;
    const double norm = gradients[n].to(torch::kFloat32).norm().item<double>();
    squares[n] = norm * norm;
  });
  double sum = 0;
  for (const double square : squares) sum += square;
  return std::sqrt(sum);
}

UpdateRule::UpdateRule(const Parameters& learnt, const Optimizer& how) : how_(how) {
  const auto zeros = [](const torch::Tensor& like) {
    return torch::zeros_like(like.detach(), torch::kFloat32);
  };
  for (const auto& [name, parameter] : learnt) {
    const bool by_muon =
        how.rule == Rule::kMuon && parameter.dim() == 2 && name.rfind("blk.", 0) == 0;
    Slot slot{.name = name, .parameter = parameter, .first = zeros(parameter), .second = {}};
    if (!by_muon) slot.second = zeros(parameter);
    slots_.push_back(std::move(slot));
  }
}

double UpdateRule::update(std::vector<torch::Tensor>& gradients, double share) {
  DRAMATIS_CHECK(gradients.size() == slots_.size());
  ++updates_;
  const double length = length_of(gradients);
  const double shorter = how_.clip > 0 && length > how_.clip ? how_.clip / length : 1;
  const auto n = static_cast<double>(updates_);
  const double rate = how_.rate * share;
  // Both corrections of the moments' beginning at nothing.
  const kernels::AdamWStep step{
      .rate = static_cast<float>(rate / (1 - std::pow(how_.first, n))),
      .size_fix = static_cast<float>(1 / std::sqrt(1 - std::pow(how_.second, n))),
      .gain = static_cast<float>(shorter),
      .first = static_cast<float>(how_.first),
      .second = static_cast<float>(how_.second),
      .epsilon = static_cast<float>(how_.epsilon)};
  in_parallel(slots_.size(), [&](std::size_t at) {
    const torch::NoGradGuard no_gradients;
    const Slot& slot = slots_[at];
    if (!gradients[at].defined()) return;
    const auto gradient = gradients[at].to(torch::kFloat32).contiguous();
    if (!slot.second.defined()) {
      slot.parameter.mul_(1 - rate * how_.decay);
      slot.parameter.add_(muon_direction(gradient, slot.first), -rate);
      return;
    }
    kernels::AdamWStep own = step;
    if (slot.parameter.dim() == 2) own.kept = static_cast<float>(1 - rate * how_.decay);
    kernels::adamw_step(own, numbers_of(gradient), numbers_of(slot.first), numbers_of(slot.second),
                        numbers_of(slot.parameter));
  });
  return length;
}

Parameters UpdateRule::state() const {
  Parameters state;
  for (const Slot& slot : slots_) {
    state.emplace_back("first." + slot.name, slot.first);
    if (slot.second.defined()) state.emplace_back("second." + slot.name, slot.second);
  }
  return state;
}

}  // namespace dramatis::train::tune
