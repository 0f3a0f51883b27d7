// A Hugging Face folder of the BERT family -> texts to unit vectors.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>

#include "engine/encoder_folder.h"
#include "engine/limits.h"
#include "lm/embedder.h"
#include "model/bert.h"
#include "runtime/thread_pool.h"
#include "runtime/turnstile.h"
#include "tokens/word_pieces.h"

namespace dramatis::engine {

struct EncoderOptions {
  std::size_t threads = 0;  // that compute; 0: one for each of the machine's
};

// Thread-safe: callers are served one at a time, in the order in which they came. A text's vector
// depends neither on threads nor on other texts.
class Encoder final : public lm::Embedder {
 public:
  // Reads config.json, tokenizer.json or vocab.txt, model.safetensors, and what sentence
  // transformers add. Errors, with the folder: those of read_encoder_shape, read_word_pieces,
  // Safetensors::read and BertEncoder::bind; kCorrupt where there are more tokens than vectors;
  // kInvalidArgument for threads.
  [[nodiscard]] static Result<std::unique_ptr<Encoder>> load(const std::filesystem::path& folder,
                                                             const EncoderOptions& options);

  [[nodiscard]] std::string name() const override { return name_; }
  [[nodiscard]] Result<std::vector<std::vector<float>>> embed(std::span<const std::string> texts,
                                                              std::stop_token stop) override;

  [[nodiscard]] std::size_t width() const { return encoder_.config().width; }
  // Tokens of a text that are seen, its first and last included.
  [[nodiscard]] std::size_t most_tokens() const { return most_tokens_; }

 private:
  Encoder(model::BertEncoder encoder, tokens::WordPieces words, std::string name,
          std::size_t most_tokens, std::size_t threads);

  const model::BertEncoder encoder_;
  const tokens::WordPieces words_;
  const std::string name_;
  const std::size_t most_tokens_;
  runtime::ThreadPool threads_;
  runtime::Turnstile turnstile_{kMaxCallers};
};

}  // namespace dramatis::engine
