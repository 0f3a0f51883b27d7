// A small model that speaks with its author's help: its own reply and the author's nearest lines
// compete, and the best is spoken.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "lm/language_model.h"

namespace dramatis::voice {

// What is said, and why.
struct Choice {
  std::string text;        // aloud
  std::string thoughts{};  // private; usually empty
  lm::Origin origin = lm::Origin::kOwn;
  double worth = 0;  // how likely it is to be about the right thing, 0 to 1
  // Nats by which the model expects it here more than the English base anywhere, against the line
  // of which that is most true; 0 where it was not asked.
  double fit = 0;
  std::optional<double> english{};  // nats per token under the English base, where that was asked
};

// Implements hearth's way of speaking over any model. Never broken language: own words are spoken
// only where they keep to a relevant authored line and the English base finds them fluent; where
// nothing is relevant, the author's own line for not knowing is. Now and then a reply ends with one
// of the character's sayings. A character without authored lines speaks in the model's words, where
// those are fluent. Where the prompt asks for thoughts, the reply begins with those of what is
// spoken. Thread-safe, as the models are.
class GuidedModel final : public lm::LanguageModel {
 public:
  // `own` replies; `english`, if any, judges its language (with an empty prompt). Both outlive
  // this.
  GuidedModel(lm::LanguageModel& own, lm::LanguageModel* english) : own_(own), english_(english) {}

  [[nodiscard]] std::string name() const override { return own_.name(); }
  [[nodiscard]] std::size_t context_size() const override { return own_.context_size(); }
  [[nodiscard]] Result<std::size_t> count_tokens(std::string_view text) const override {
    return own_.count_tokens(text);
  }
  [[nodiscard]] Result<lm::Completion> generate(const lm::Prompt& asked, const lm::Sampling& how,
                                                lm::TextSink& sink, std::stop_token stop) override;
  [[nodiscard]] Result<std::vector<lm::Score>> score(const lm::Prompt& asked,
                                                     std::span<const std::string> replies,
                                                     std::stop_token stop) override {
    return own_.score(asked, replies, std::move(stop));
  }
  [[nodiscard]] Result<std::vector<std::vector<float>>> embed(std::span<const std::string> texts,
                                                              std::stop_token stop) override {
    return own_.embed(texts, std::move(stop));
  }

 private:
  // What is spoken where there are authored lines. The model's own reply is asked for only as far
  // as it can still win; `said` becomes what was asked for.
  [[nodiscard]] Result<Choice> choose(const lm::Prompt& asked, const lm::Sampling& how,
                                      const std::stop_token& stop, lm::Completion& said) const;
  // The best of the author's lines.
  [[nodiscard]] Result<Choice> choose_authored(const lm::Prompt& asked, const lm::Sampling& how,
                                               const std::stop_token& stop) const;
  // Asks the model about the best few, and puts all in the order of worth and fit together.
  [[nodiscard]] Status order_by_fit(std::vector<Choice>& choices, const lm::Prompt& asked,
                                    const std::stop_token& stop) const;
  // `drawn`, or where it reads badly the best of the choices that is nearly as good and does not.
  [[nodiscard]] Result<Choice> draw_fluent(const std::vector<Choice>& choices, const Choice& drawn,
                                           const std::stop_token& stop) const;
  [[nodiscard]] Result<Choice> choose_without_lines(const lm::Prompt& asked,
                                                    const lm::Completion& own,
                                                    const std::stop_token& stop) const;
  [[nodiscard]] Result<bool> is_fluent(const Choice& choice, const std::stop_token& stop) const;

  lm::LanguageModel& own_;
  lm::LanguageModel* english_;
};

}  // namespace dramatis::voice
