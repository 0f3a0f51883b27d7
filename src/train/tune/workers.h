// Several processes that train one model: what each counted becomes the sum that all have.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <torch/torch.h>

#include "base/result.h"

namespace dramatis::train::tune {

// Where this process stands among the others.
struct Worker {
  std::size_t rank = 0;              // 0 keeps the checkpoints and writes what comes out
  std::size_t count = 1;             // 1: it trains alone
  std::string address{"127.0.0.1"};  // where rank 0 is met
  std::uint16_t port = 29500;
  int patience_seconds = 300;  // without an answer before another counts as lost
};

// One thread at a time; every process makes the same calls in the same order.
class Workers {
 public:
  // Meets the others. Errors: kUnavailable naming the address; kInvalidArgument for a rank past the
  // count, kOverBudget past kMaxWorkers.
  [[nodiscard]] static Result<Workers> meet(const Worker& place);
  Workers(Workers&&) noexcept;
  Workers& operator=(Workers&&) noexcept;
  ~Workers();

  [[nodiscard]] std::size_t rank() const { return place_.rank; }
  [[nodiscard]] std::size_t count() const { return place_.count; }
  [[nodiscard]] bool leads() const { return place_.rank == 0; }

  // Each tensor becomes the sum of everybody's, the same in each process bit for bit. Alone:
  // nothing happens. Errors: kUnavailable where one is lost.
  [[nodiscard]] Status sum(std::vector<torch::Tensor>& tensors);
  [[nodiscard]] Status sum(std::vector<double>& numbers);
  // Each tensor becomes rank 0's.
  [[nodiscard]] Status take_from_first(const std::vector<torch::Tensor>& tensors);

 private:
  struct Group;
  Workers(Worker place, std::unique_ptr<Group> group);

  Worker place_;
  std::unique_ptr<Group> group_;
};

}  // namespace dramatis::train::tune
