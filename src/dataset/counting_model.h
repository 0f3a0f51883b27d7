// A counting function -> the port of a language model that can count and nothing else: samples are
// composed against the vocabulary of a model that is not yet trained.
#pragma once

#include <functional>
#include <string_view>
#include <utility>

#include "lm/language_model.h"

namespace dramatis::dataset {

// As thread-safe as the function.
class CountingModel final : public lm::LanguageModel {
 public:
  using Count = std::function<Result<std::size_t>(std::string_view text)>;

  CountingModel(Count count, std::size_t context_size)
      : count_(std::move(count)), context_size_(context_size) {}

  [[nodiscard]] std::string name() const override { return "a vocabulary"; }
  [[nodiscard]] std::size_t context_size() const override { return context_size_; }
  [[nodiscard]] Result<std::size_t> count_tokens(std::string_view text) const override {
    return count_(text);
  }
  [[nodiscard]] Result<lm::Completion> generate(const lm::Prompt& /*asked*/,
                                                const lm::Sampling& /*how*/, lm::TextSink& /*sink*/,
                                                std::stop_token /*stop*/) override {
    return fail(ErrorCode::kUnsupported, "A vocabulary counts tokens; it does not speak.");
  }
  [[nodiscard]] Result<std::vector<lm::Score>> score(const lm::Prompt& /*asked*/,
                                                     std::span<const std::string> /*replies*/,
                                                     std::stop_token /*stop*/) override {
    return fail(ErrorCode::kUnsupported, "A vocabulary counts tokens; it gives no likelihoods.");
  }

 private:
  Count count_;
  std::size_t context_size_;
};

}  // namespace dramatis::dataset
