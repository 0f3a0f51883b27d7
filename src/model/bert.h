// An encoder of the BERT family: token ids -> a unit vector for each text.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "formats/safetensors.h"
#include "kernels/dense.h"
#include "runtime/stop.h"
#include "runtime/thread_pool.h"
#include "tensor/buffer.h"

namespace dramatis::model {

// What a BERT encoder is made of: config.json of a Hugging Face folder.
struct BertConfig {
  std::size_t layers = 0;       // num_hidden_layers
  std::size_t width = 0;        // D: hidden_size
  std::size_t ffn_width = 0;    // F: intermediate_size
  std::size_t heads = 0;        // num_attention_heads; divides width
  std::size_t vocabulary = 0;   // V: vocab_size
  std::size_t context = 0;      // tokens of the longest text: max_position_embeddings
  std::size_t types = 1;        // type_vocab_size; a text's tokens are of the first
  double norm_epsilon = 1e-12;  // added to the mean square
};

// Errors: kCorrupt naming the number and its range.
[[nodiscard]] Status validate(const BertConfig& config);

// Layer norm after each block, absolute positions, GELU by the error function. Immutable;
// thread-safe. A text's vector depends neither on the number of threads nor on the other texts.
// Source: Devlin et al. 2019, "BERT"; Reimers & Gurevych 2019, "Sentence-BERT" for the mean.
class BertEncoder {
 public:
  // Takes what it needs from `file`, whose tensors may be named with or without "bert." before
  // them, and are F32, F16 or BF16. Errors: kNotFound naming a missing tensor; kCorrupt with both
  // shapes, or for a weight that is not finite; kUnsupported for another number format; kOverBudget
  // where there is no memory; those of validate.
  [[nodiscard]] static Result<BertEncoder> bind(const formats::Safetensors& file,
                                                const BertConfig& config);

  [[nodiscard]] const BertConfig& config() const { return config_; }

  // [texts, D]: for each text the mean of its tokens' last states, divided by its length. `ids`
  // hold a text's first and last token too. Errors: kInvalidArgument for a text of no tokens, or
  // a token outside the vocabulary; kOverBudget for a text longer than the context, or where there
  // is no memory; kCorrupt where the weights give no finite vector; kCancelled; kDeadline.
  [[nodiscard]] Result<std::vector<std::vector<float>>> encode(
      std::span<const std::vector<TokenId>> texts, runtime::ThreadPool& threads,
      const runtime::Stop& stop) const;

 private:
  struct Norm {
    std::vector<float> weight;  // [D]
    std::vector<float> bias;    // [D]
  };
  struct Layer {
    kernels::Panels attention_in;   // [3 D, D]: queries, keys, values
    kernels::Panels attention_out;  // [D, D]
    Norm attention_norm;
    kernels::Panels up;    // [F, D]
    kernels::Panels down;  // [D, F]
    Norm ffn_norm;
  };
  class Binder;
  class Pass;
  // Texts that are computed together: `first` up to, not including, `last`.
  struct Group {
    std::size_t first;
    std::size_t last;
  };

  BertEncoder() = default;
  [[nodiscard]] static std::vector<Group> groups_of(std::span<const std::vector<TokenId>> texts,
                                                    std::size_t threads);
  // Throws std::bad_alloc.
  [[nodiscard]] Result<std::vector<std::vector<float>>> encode_groups(
      std::span<const std::vector<TokenId>> texts, runtime::ThreadPool& threads,
      const runtime::Stop& stop) const;
  [[nodiscard]] Status check(std::span<const std::vector<TokenId>> texts) const;

  BertConfig config_;
  std::vector<float> words_;      // [V, D]
  std::vector<float> positions_;  // [context, D]
  std::vector<float> type_;       // [D], the first type's
  Norm first_norm_;
  std::vector<Layer> layers_;
};

}  // namespace dramatis::model
