// Applies gradients in place.
#include "train/optimizer.h"

#include <algorithm>
#include <cmath>

#include "train/muon.h"
#include "train/parallel.h"

namespace dramatis::train {
namespace {

bool is_matrix(const std::string& name, const torch::Tensor& parameter) {
  return parameter.dim() == 2 && name.rfind("blk.", 0) == 0;
}

}  // namespace

Optimizer::Optimizer(const Parameters& parameters) {
  for (const auto& [name, parameter] : parameters) {
    Slot slot{.name = name,
              .parameter = parameter,
              .first = torch::zeros_like(parameter.detach()),
              .second = {},
              .orthogonal = is_matrix(name, parameter)};
    if (!slot.orthogonal) slot.second = torch::zeros_like(slot.first);
    slots_.push_back(std::move(slot));
  }
}

void Optimizer::step(const Rates& rates) {
  ++steps_;
  in_parallel(slots_.size(), [&](std::size_t n) {
    const torch::NoGradGuard no_gradients;
    Slot& slot = slots_[n];
    if (!slot.parameter.grad().defined()) return;
    if (slot.orthogonal) {
      move_matrix(slot, rates);
    } else {
      move_vector(slot, rates);
    }
    slot.parameter.mutable_grad() = torch::Tensor();
  });
}

void Optimizer::move_matrix(Slot& slot, const Rates& rates) const {
  slot.parameter.mul_(1 - rates.matrix * rates.weight_decay);
  slot.parameter.add_(muon_direction(slot.parameter.grad(), slot.first), -rates.matrix);
}

void Optimizer::move_vector(Slot& slot, const Rates& rates) const {
  constexpr double kFirst = 0.9;
  constexpr double kSecond = 0.95;
  constexpr double kEpsilon = 1e-8;
  const auto& gradient = slot.parameter.grad();
  slot.first.mul_(kFirst).add_(gradient, 1 - kFirst);
  slot.second.mul_(kSecond).addcmul_(gradient, gradient, 1 - kSecond);
  const auto n = static_cast<double>(steps_);
  const double rate =
      rates.vector * std::sqrt(1 - std::pow(kSecond, n)) / (1 - std::pow(kFirst, n));
  if (slot.parameter.dim() == 2) slot.parameter.mul_(1 - rates.vector * rates.weight_decay);
  slot.parameter.addcdiv_(slot.first, slot.second.sqrt().add_(kEpsilon), -rate);
}

std::vector<std::pair<std::string, torch::Tensor>> Optimizer::state() const {
  std::vector<std::pair<std::string, torch::Tensor>> state;
  for (const Slot& slot : slots_) {
    state.emplace_back("first." + slot.name, slot.first);
    if (slot.second.defined()) state.emplace_back("second." + slot.name, slot.second);
  }
  return state;
}

}  // namespace dramatis::train
