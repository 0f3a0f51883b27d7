// LoRA files -> low-rank additions to the matrices of one kind of model.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "formats/gguf.h"
#include "formats/peft.h"
#include "model/config.h"
#include "tensor/matrix.h"

namespace dramatis::model {

// The matrices of a layer to which an adapter may add.
enum class Adapted { kQuery, kKey, kValue, kAttentionOut, kGate, kUp, kDown };
inline constexpr std::size_t kAdaptedMatrices = 7;

// What is added to one matrix: y = W x + scale * B (A x).
struct LowRank {
  std::size_t rank = 0;  // r; 0: nothing is added
  float scale = 0;       // alpha / r, or alpha / sqrt(r) where the file says so
  std::vector<float> a;  // [r, columns of W]
  std::vector<float> b;  // [rows of W, r]
};

// Immutable; thread-safe. Belongs to the shape of model that it was read for.
class Adapter {
 public:
  // A GGUF file, or a folder of PEFT's. Errors: those of from_gguf and from_peft, of Gguf and
  // read_peft.
  [[nodiscard]] static Result<Adapter> read(const std::filesystem::path& path,
                                            const ModelConfig& config);
  // Errors: kCorrupt naming the tensor: half of a pair, shapes that do not fit the model, numbers
  // that are not finite, a scale out of range; kNotFound for missing metadata; kUnsupported for
  // another architecture, and for tensors that are no addition to a matrix of a layer.
  // Source: ggml/docs/gguf.md "LoRA"; llama.cpp `llama_adapter_lora_init_impl`.
  [[nodiscard]] static Result<Adapter> from_gguf(const formats::Gguf& file,
                                                 const ModelConfig& config);
  // The same of Hugging Face's names. Where the model rotates neighbours, its file has the rows of
  // queries and keys in another order than PEFT's, and B's rows are put into that order.
  // Source: peft `LoraLayer`; llama.cpp `convert_hf_to_gguf.py`, `permute`.
  [[nodiscard]] static Result<Adapter> from_peft(const formats::PeftFolder& folder,
                                                 const ModelConfig& config);

  // Of layer l. Checked: l.
  [[nodiscard]] const LowRank& part(std::size_t l, Adapted which) const {
    return parts_.at(l * kAdaptedMatrices + static_cast<std::size_t>(which));
  }
  // The model it was trained on, as its author named it; may be empty. Two models of one shape are
  // not told apart otherwise: who chooses the adapter compares.
  [[nodiscard]] const std::string& base() const { return base_; }
  // Whether a model of this shape can be computed with it.
  [[nodiscard]] bool fits(const ModelConfig& config) const;

 private:
  explicit Adapter(const ModelConfig& config);

  std::string base_;
  ModelConfig shape_;
  std::vector<LowRank> parts_;  // [layers, kAdaptedMatrices]
};

// An adapter of one row of a batch.
struct AdapterUse {
  const Adapter* adapter;  // must stay until the call returns
  float scale = 1;         // times the adapter's own; 0: as if it were not there
};

// Errors: kInvalidArgument naming what is wrong: too many, a scale out of range, another shape.
[[nodiscard]] Status check_adapters(std::span<const AdapterUse> uses, const ModelConfig& config);

}  // namespace dramatis::model
