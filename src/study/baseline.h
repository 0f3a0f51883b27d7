// Answers without a model: what any model must do better than, and what none may do worse than.
#pragma once

#include <string>
#include <vector>

#include "lm/language_model.h"

namespace dramatis::study {

enum class Baseline {
  kNearest,    // the author's line nearest to what was said; one for not knowing where none is near
  kAssistant,  // what an assistant says to anybody, whatever was asked
};

// "nearest", "assistant".
[[nodiscard]] Result<Baseline> parse_baseline(std::string_view text);

// A language model that computes nothing: the same prompt and seed give the same answer.
// Thread-safe.
class BaselineModel final : public lm::LanguageModel {
 public:
  explicit BaselineModel(Baseline kind) : kind_(kind) {}

  // "nearest line", "scripted assistant"
  [[nodiscard]] std::string name() const override;
  [[nodiscard]] std::size_t context_size() const override { return 1'000'000; }
  [[nodiscard]] Result<std::size_t> count_tokens(std::string_view text) const override {
    return text.size() / 4 + 1;
  }
  [[nodiscard]] Result<lm::Completion> generate(const lm::Prompt& asked, const lm::Sampling& how,
                                                lm::TextSink& sink, std::stop_token stop) override;
  [[nodiscard]] Result<std::vector<lm::Score>> score(const lm::Prompt& asked,
                                                     std::span<const std::string> replies,
                                                     std::stop_token stop) override;

 private:
  const Baseline kind_;
};

}  // namespace dramatis::study
