// A language model as a writer of data: one text at a time, counted against a budget.
#pragma once

#include <atomic>
#include <cstdint>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "lm/language_model.h"

namespace dramatis::dataset {

// What a run may cost; 0: as much as it takes.
struct WritingBudget {
  std::uint64_t requests = 0;
  std::uint64_t tokens = 0;  // read and written
  std::chrono::seconds time{0};
};

// Thread-safe.
class Writer {
 public:
  // `model` and `clock` outlive it. The time begins now.
  Writer(lm::LanguageModel& model, const WritingBudget& budget, const Clock& clock)
      : model_(model), budget_(budget), clock_(clock), begun_(clock.steady()) {}

  struct Wish {
    lm::Prompt prompt{};
    lm::Sampling how{};
  };
  // A reply, and whether it was cut at its length. Errors: kOverBudget where the run's budget is
  // spent, of which is_spent() then tells; those of the model.
  struct Text {
    std::string text{};
    bool cut = false;
  };
  [[nodiscard]] Result<Text> write(const Wish& wish, std::stop_token stop);

  [[nodiscard]] lm::LanguageModel& model() const { return model_; }
  [[nodiscard]] bool is_spent() const;
  [[nodiscard]] std::uint64_t requests() const { return requests_; }
  [[nodiscard]] std::uint64_t tokens() const { return tokens_; }
  [[nodiscard]] std::chrono::duration<double> taken() const { return clock_.steady() - begun_; }

 private:
  lm::LanguageModel& model_;
  const WritingBudget budget_;
  const Clock& clock_;
  const SteadyTime begun_;
  std::atomic<std::uint64_t> requests_{0};
  std::atomic<std::uint64_t> tokens_{0};
};

}  // namespace dramatis::dataset
