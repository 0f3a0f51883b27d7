// The two update rules: Muon for weight matrices, AdamW for the embedding and the gains.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <torch/torch.h>

#include "train/llama.h"

namespace dramatis::train {

// Rates of one step; the schedule has already been applied.
struct Rates {
  double matrix = 0;
  double vector = 0;
  double weight_decay = 0;  // decoupled, for matrices and the embedding
};

// Muon moves a matrix by the nearest orthogonal matrix to its momentum, so that every direction of
// it learns at one pace: on the English of this project it needs about two thirds of AdamW's steps.
// Source: Jordan et al. 2024, "Muon: an optimizer for hidden layers"; Loshchilov & Hutter 2019
// (AdamW). One thread at a time.
class Optimizer {
 public:
  explicit Optimizer(const Parameters& parameters);

  // One update from the gradients that the parameters hold; clears them.
  void step(const Rates& rates);

  // The moments by name, to be kept in a checkpoint and copied back.
  [[nodiscard]] std::vector<std::pair<std::string, torch::Tensor>> state() const;
  [[nodiscard]] std::int64_t steps() const { return steps_; }
  void set_steps(std::int64_t steps) { steps_ = steps; }

 private:
  struct Slot {
    std::string name;
    torch::Tensor parameter, first, second;  // second is empty for Muon
    bool orthogonal;                         // a weight matrix
  };
  void move_matrix(Slot& slot, const Rates& rates) const;
  void move_vector(Slot& slot, const Rates& rates) const;

  std::vector<Slot> slots_;
  std::int64_t steps_ = 0;
};

}  // namespace dramatis::train
