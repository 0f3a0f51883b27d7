// A model file, ready: tokens -> logits.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "formats/gguf.h"
#include "model/adapter.h"
#include "model/config.h"
#include "model/kv_cache.h"
#include "model/weights.h"
#include "runtime/stop.h"
#include "runtime/thread_pool.h"
#include "tensor/buffer.h"

namespace dramatis::model {

enum class Wanted { kNothing, kLogits };

// One token to be computed. Rows of one cache continue it in the order in which they stand; a batch
// may mix rows of several caches.
struct Row {
  TokenId id;
  KvCache* cache;  // must stay until the call returns
  Wanted wanted;
  std::span<const AdapterUse> adapters{};  // likewise; added in their order
};

// [rows, V]: how likely each token comes next, before softmax; one row for each that wanted it, in
// order.
struct Logits {
  std::size_t rows = 0;
  std::size_t vocabulary = 0;
  tensor::Buffer<float> values;

  [[nodiscard]] std::span<float> row(std::size_t n) {
    return values.span().subspan(n * vocabulary, vocabulary);
  }
  [[nodiscard]] std::span<const float> row(std::size_t n) const {
    return values.span().subspan(n * vocabulary, vocabulary);
  }
};

// Which rows of a prefill give logits.
enum class Rows { kNone, kLast, kAll };

// How a prefill computes, beside what.
struct Compute {
  runtime::ThreadPool& threads;
  runtime::Stop stop{};  // asked between batches of kMaxBatchRows
  std::span<const AdapterUse> adapters{};
};

// Immutable; thread-safe, each call with caches of its own. Results depend neither on the number of
// threads, nor on how tokens are split into batches, nor on the other rows of a batch.
class Model {
 public:
  // Takes a parsed file and keeps it. `rounding`: another than read_config chooses. Errors: those
  // of read_config and bind_weights.
  [[nodiscard]] static Result<Model> bind(formats::Gguf file,
                                          std::optional<kernels::Rounding> rounding = std::nullopt);

  [[nodiscard]] const ModelConfig& config() const { return config_; }
  // Tensors of the file that are not used, and the file's own oddities.
  [[nodiscard]] const std::vector<std::string>& warnings() const { return weights_.warnings; }
  [[nodiscard]] const formats::Gguf& file() const { return *file_; }

  // Computes at most kMaxBatchRows rows, appends their keys and values to their caches.
  // Errors: kInvalidArgument for a token outside the vocabulary, and those of check_adapters;
  // kOverBudget where a cache is full
  // (then nothing was computed). Checked: 1 to kMaxBatchRows rows.
  [[nodiscard]] Result<Logits> forward(std::span<const Row> rows,
                                       runtime::ThreadPool& threads) const;

  // [D]: the mean over `ids` of what the last layer makes of them, normalised as for the output.
  // Errors: those of forward; kCancelled; kDeadline. Checked: not empty.
  [[nodiscard]] Result<std::vector<float>> mean_state(std::span<const TokenId> ids,
                                                      const Compute& how) const;

  // Computes `ids` after what `cache` holds, in batches. On an error `cache` holds the batches that
  // were done. Errors: those of forward; kCancelled; kDeadline. Checked: not empty.
  [[nodiscard]] Result<Logits> prefill(std::span<const TokenId> ids, KvCache& cache, Rows wanted,
                                       const Compute& how) const;

  // One more token. Errors: those of forward.
  [[nodiscard]] Result<Logits> step(TokenId id, KvCache& cache, runtime::ThreadPool& threads) const;

 private:
  // Computes the rows up to the output, gives the pass to `take`, and lengthens the caches.
  template <class Take>
  [[nodiscard]] Status compute(std::span<const Row> rows, runtime::ThreadPool& threads,
                               const Take& take) const;

  Model(std::unique_ptr<const formats::Gguf> file, ModelConfig config, Weights weights);

  std::unique_ptr<const formats::Gguf> file_;  // at rest, because weights_ points into it
  ModelConfig config_;
  Weights weights_;
  std::vector<double> frequencies_;  // [R / 2]: radians per position
};

}  // namespace dramatis::model
