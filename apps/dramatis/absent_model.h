// Stands where a service has no model yet: keeps talks, sheets and the page open, and says what is
// missing to whoever wants a reply.
#pragma once

#include <string>
#include <string_view>

#include "lm/health.h"
#include "lm/language_model.h"

namespace dramatis::app {

// Immutable; thread-safe.
class AbsentModel final : public lm::LanguageModel, public lm::HealthSource {
 public:
  // In lists of models, in metrics, and in the line that a starting service prints.
  static constexpr std::string_view kName = "no model";

  // `why`: a sentence for the owner, which names the file that is missing.
  explicit AbsentModel(std::string why) : why_(std::move(why)) {}

  [[nodiscard]] std::string name() const override { return std::string(kName); }
  [[nodiscard]] std::size_t context_size() const override;
  // An estimate, so that a writer can see what a model would be told.
  [[nodiscard]] Result<std::size_t> count_tokens(std::string_view text) const override;
  // kUnavailable, always, in words that players may read.
  [[nodiscard]] Result<lm::Completion> generate(const lm::Prompt& asked, const lm::Sampling& how,
                                                lm::TextSink& sink, std::stop_token stop) override;
  [[nodiscard]] Result<std::vector<lm::Score>> score(const lm::Prompt& asked,
                                                     std::span<const std::string> replies,
                                                     std::stop_token stop) override;
  [[nodiscard]] std::vector<lm::EndpointHealth> health() const override;

 private:
  const std::string why_;
};

}  // namespace dramatis::app
