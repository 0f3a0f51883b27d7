// A language model for measuring services: it computes nothing, and says at which moment it spoke.
#pragma once

#include "lm/language_model.h"

namespace dramatis::app {

// A player says "20 50": the reply has 20 words, one each 50 ms, and each word is the steady
// clock's count of nanoseconds as it is said, so that a reader elsewhere on this machine knows how
// long it travelled. "20 0 900" says the words at once, each with so many letters behind it. Other
// messages get one word. Thread-safe.
class PacedModel final : public lm::LanguageModel {
 public:
  [[nodiscard]] std::string name() const override { return "paced"; }
  [[nodiscard]] std::size_t context_size() const override { return 4096; }
  [[nodiscard]] Result<std::size_t> count_tokens(std::string_view text) const override {
    return text.size() / 4;
  }
  [[nodiscard]] Result<lm::Completion> generate(const lm::Prompt& asked, const lm::Sampling& how,
                                                lm::TextSink& sink, std::stop_token stop) override;
  [[nodiscard]] Result<std::vector<lm::Score>> score(const lm::Prompt& asked,
                                                     std::span<const std::string> replies,
                                                     std::stop_token stop) override;
};

}  // namespace dramatis::app
