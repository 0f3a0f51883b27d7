// The port to vectors: texts go in, a unit vector for each comes out. Encoders (engine/) and
// language models implement it.
#pragma once

#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"

namespace dramatis::lm {

// Thread-safe.
class Embedder {
 public:
  Embedder() = default;
  Embedder(const Embedder&) = delete;
  Embedder& operator=(const Embedder&) = delete;
  virtual ~Embedder() = default;

  // "all-MiniLM-L6-v2", "nomic-embed-text at localhost:11434": for people.
  [[nodiscard]] virtual std::string name() const = 0;

  // A vector of length 1 for each of `texts`, in order and all of one width; texts that mean alike
  // lie close. Vectors of different models do not compare. What of a text is longer than the model
  // can see is not seen. Blocks until all are made. Errors: kUnsupported for a model that makes
  // none; kInvalidArgument for what is no UTF-8; kOverBudget past kMaxEmbedTexts, or where a
  // service refuses a text as too long; kCancelled; kDeadline; kUnavailable (nothing answers);
  // kCorrupt (nonsense answers).
  [[nodiscard]] virtual Result<std::vector<std::vector<float>>> embed(
      std::span<const std::string> texts, std::stop_token stop) = 0;
};

}  // namespace dramatis::lm
