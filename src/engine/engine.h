// A model file -> a language model: renders, computes, draws, decodes, and streams words.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "engine/limits.h"
#include "engine/prefix_cache.h"
#include "formats/gguf.h"
#include "lm/language_model.h"
#include "model/model.h"
#include "render/render.h"
#include "runtime/stop.h"
#include "runtime/thread_pool.h"
#include "runtime/turnstile.h"
#include "tokens/vocabulary.h"

namespace dramatis::engine {

struct EngineOptions {
  std::size_t threads = 0;  // that compute; 0: one for each of the machine's
  std::size_t context =
      0;  // tokens of prompt and reply; 0: the model's own, at most kDefaultContext
  std::optional<std::string> template_name =
      std::nullopt;  // of render::template_named; nothing: the file's own
  std::size_t prefix_bytes =
      kDefaultPrefixBytes;  // memory for prompts computed before; 0: none are kept
};

// Thread-safe: callers are served one at a time, in the order in which they came. A reply depends
// on prompt, settings and seed alone, not on threads, other callers or what was computed before.
class Engine final : public lm::LanguageModel {
 public:
  // Errors: those of Gguf::read, Model::bind, Vocabulary::from_gguf and render::recognise;
  // kInvalidArgument for options which the model cannot meet.
  [[nodiscard]] static Result<std::unique_ptr<Engine>> load(const std::filesystem::path& path,
                                                            const EngineOptions& options);
  // The same from a file already parsed; `name` is what name() tells.
  [[nodiscard]] static Result<std::unique_ptr<Engine>> make(formats::Gguf file, std::string name,
                                                            const EngineOptions& options);

  [[nodiscard]] std::string name() const override { return name_; }
  [[nodiscard]] std::size_t context_size() const override { return context_; }
  [[nodiscard]] Result<std::size_t> count_tokens(std::string_view text) const override;
  [[nodiscard]] Result<lm::Completion> generate(const lm::Prompt& asked, const lm::Sampling& how,
                                                lm::TextSink& sink, std::stop_token stop) override;
  [[nodiscard]] Result<std::vector<lm::Score>> score(const lm::Prompt& asked,
                                                     std::span<const std::string> replies,
                                                     std::stop_token stop) override;

  // The logits after each of `ids`, or after the last. Errors: those of Model::prefill.
  [[nodiscard]] Result<model::Logits> logits(std::span<const TokenId> ids, model::Rows wanted,
                                             std::stop_token stop);

  [[nodiscard]] const model::Model& model() const& { return model_; }
  const model::Model& model() && = delete;
  [[nodiscard]] const tokens::Vocabulary& vocabulary() const& { return vocabulary_; }
  const tokens::Vocabulary& vocabulary() && = delete;

 private:
  // What speak() works on.
  struct Speech;

  Engine(model::Model model, tokens::Vocabulary vocabulary, render::Template form, std::string name,
         const EngineOptions& options);

  [[nodiscard]] Result<std::vector<TokenId>> render(const lm::Prompt& asked,
                                                    std::size_t reply_tokens) const;
  [[nodiscard]] Status speak(Speech& speech);
  [[nodiscard]] Status draw_tokens(Speech& speech, model::Logits logits);
  [[nodiscard]] Result<lm::Score> score_reply(std::span<const TokenId> prompt,
                                              std::span<const TokenId> whole,
                                              const model::KvCache& computed,
                                              const runtime::Stop& stop);
  [[nodiscard]] Result<double> log_probability_after(const model::Logits& logits, std::size_t row,
                                                     std::span<const TokenId> next) const;

  const model::Model model_;
  const tokens::Vocabulary vocabulary_;
  const render::Template form_;
  const std::string name_;
  const std::size_t context_;
  std::vector<TokenId> ends_;  // tokens after which the model has finished speaking
  runtime::ThreadPool threads_;
  runtime::Turnstile turnstile_{kMaxCallers};
  PrefixCache prefixes_;  // touched only by whom the turnstile let in
};

}  // namespace dramatis::engine
