// How fine-tuning moves what it learns: by AdamW, or matrices by Muon; one rate for everything.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <torch/torch.h>

#include "train/llama.h"
#include "train/tune/plan.h"

namespace dramatis::train::tune {

// The length of all gradients together, summed in double precision in their order.
[[nodiscard]] double length_of(const std::vector<torch::Tensor>& gradients);

// Parameters are f32. Matrices alone decay. One thread at a time.
// Source: Loshchilov & Hutter 2019, "Decoupled Weight Decay Regularization", algorithm 2; of Muon,
// train/muon.h.
class UpdateRule {
 public:
  UpdateRule(const Parameters& learnt, const Optimizer& how);

  // One update with the rate times `share`; gradients in the order of the parameters, shortened to
  // how.clip first where they are longer. Undefined gradients leave their parameter alone. Returns
  // the length before that.
  double update(std::vector<torch::Tensor>& gradients, double share);

  // The moments by name, to be kept in a checkpoint and copied back.
  [[nodiscard]] Parameters state() const;
  [[nodiscard]] std::int64_t updates() const { return updates_; }
  void set_updates(std::int64_t updates) { updates_ = updates; }

 private:
  struct Slot {
    std::string name;
    torch::Tensor parameter, first, second;  // second is empty where Muon moves it
  };
  std::vector<Slot> slots_;
  Optimizer how_;
  std::int64_t updates_ = 0;
};

}  // namespace dramatis::train::tune
