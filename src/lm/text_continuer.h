// The port for whoever writes all that a model is to see: a text goes in as it stands, and what
// follows it streams out. Beside LanguageModel, whose prompts are messages.
#pragma once

#include <stop_token>
#include <string_view>

#include "lm/language_model.h"

namespace dramatis::lm {

struct RawText {
  std::string_view text{};  // marks of the model in it are letters, as everywhere
  Asker asker{};
};

// Thread-safe.
class TextContinuer {
 public:
  TextContinuer() = default;
  TextContinuer(const TextContinuer&) = delete;
  TextContinuer& operator=(const TextContinuer&) = delete;
  virtual ~TextContinuer() = default;

  // Blocks until the text has ended: no chat template, no roles. Errors: those of
  // LanguageModel::generate.
  [[nodiscard]] virtual Result<Completion> go_on(const RawText& from, const Sampling& how,
                                                 TextSink& sink, std::stop_token stop) = 0;
};

}  // namespace dramatis::lm
