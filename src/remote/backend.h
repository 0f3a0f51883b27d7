// What a router spreads over: a language model that says how it failed, and whether it is there.
#pragma once

#include <memory>
#include <stop_token>
#include <utility>

#include "base/clock.h"
#include "lm/language_model.h"
#include "remote/exchange.h"

namespace dramatis::remote {

// A reply, and what was wrong with what the service said about it.
struct Said {
  lm::Completion completion{};
  bool doubted = false;  // its count of tokens was absurd, and ours stands in its place
};

// Thread-safe.
class Backend {
 public:
  Backend() = default;
  Backend(const Backend&) = delete;
  Backend& operator=(const Backend&) = delete;
  virtual ~Backend() = default;

  [[nodiscard]] virtual lm::LanguageModel& model() = 0;

  // As LanguageModel::generate, tried once.
  [[nodiscard]] virtual Attempt<Said> try_once(const lm::Prompt& asked, const lm::Sampling& how,
                                               lm::TextSink& sink, std::stop_token stop) = 0;

  // Whether it would take a request, found out cheaply and until `until` at the latest.
  [[nodiscard]] virtual Attempt<void> feel_pulse(SteadyTime until, std::stop_token stop) = 0;
};

// A language model of this process: it is always there.
class ModelBackend final : public Backend {
 public:
  // `model` outlives it.
  explicit ModelBackend(lm::LanguageModel& model) : model_(model) {}

  [[nodiscard]] lm::LanguageModel& model() override { return model_; }
  [[nodiscard]] Attempt<Said> try_once(const lm::Prompt& asked, const lm::Sampling& how,
                                       lm::TextSink& sink, std::stop_token stop) override;
  [[nodiscard]] Attempt<void> feel_pulse(SteadyTime /*until*/, std::stop_token /*stop*/) override {
    return {};
  }

 private:
  lm::LanguageModel& model_;
};

}  // namespace dramatis::remote
