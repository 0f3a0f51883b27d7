// A text as it stands -> what an engine's model goes on with.
#pragma once

#include "engine/engine.h"
#include "lm/text_continuer.h"

namespace dramatis::engine {

// Thread-safe, as the engine is.
class Continuer final : public lm::TextContinuer {
 public:
  // `engine` outlives it.
  explicit Continuer(Engine& engine) : engine_(engine) {}

  // Behind the token that begins texts, where the model's file asks for one.
  [[nodiscard]] Result<lm::Completion> go_on(const lm::RawText& from, const lm::Sampling& how,
                                             lm::TextSink& sink, std::stop_token stop) override;

 private:
  Engine& engine_;
};

}  // namespace dramatis::engine
