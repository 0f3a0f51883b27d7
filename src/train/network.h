// A llama or qwen2 model with gradients: packed documents -> how likely their tokens are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <torch/torch.h>

#include "base/result.h"
#include "formats/gguf.h"
#include "train/batch.h"
#include "train/llama.h"
#include "train/recipe.h"

namespace dramatis::train {

namespace internal {
struct NetworkParts;
}

// How a network computes. All three have the same gradients but for rounding.
enum class Arithmetic {
  kPlain,  // libtorch's own operations in f32, one after the other: the reference
  kF32,    // fused operations, f32
  kBf16,   // fused operations; factors of products in bf16, sums in f32; kF32 where the processor
           // does not multiply bf16
};

// Low-rank matrices beside frozen weights: y = x W^T + scale (x A^T) B^T.
// Source: Hu et al. 2021, "LoRA"; Kalajdzievski 2023, "A rank stabilization scaling factor".
struct Lora {
  // Which matrices of each block, by the middle of their GGUF name. Empty: all seven.
  std::vector<std::string> targets;
  std::size_t rank = 8;          // larger: more to learn with
  double alpha = 16;             // scale = alpha / rank; larger: the adapter speaks louder
  bool rank_stabilised = false;  // scale = alpha / sqrt(rank)
  double dropout = 0;            // share of the adapter's inputs that a training pass leaves out
  std::uint64_t seed = 1;        // of A, which is uniform within 1/sqrt(in); B begins at zero

  [[nodiscard]] double scale() const;
};
// The seven: "attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down".
[[nodiscard]] const std::vector<std::string>& lora_targets();

// What of a network learns, and in which arithmetic.
struct Method {
  std::optional<Lora> lora;  // nothing: everything learns
  Arithmetic arithmetic = Arithmetic::kBf16;
};

// The sizes and kinds of a network.
struct NetworkShape {
  Shape sizes;
  std::size_t vocabulary = 0;
  bool own_head = false;        // a head of its own; else the embedding (tied)
  bool input_biases = false;    // of queries, keys and values, as qwen2 has them
  bool rotates_halves = false;  // pairs i, i + R/2, as qwen2's; else neighbours, as llama's
};

enum class Adapters { kOn, kOff };

// What a pass holds for its way back. The gradients are the same, bit for bit.
enum class Keep {
  kEverything,  // faster: nothing is computed twice
  kInputs,      // the input of each layer, computed again on the way back: far less memory,
                // a third to half more time. kPlain keeps everything all the same.
};

// How one pass is made.
struct PassOptions {
  Adapters adapters = Adapters::kOn;
  // Where the adapters drop inputs: the same number, the same inputs; take one for each step and
  // pass of it. Nothing: none are dropped, as in every measurement.
  std::optional<std::uint64_t> dropout{};
  Keep keep = Keep::kEverything;
};

// Weights of one model. Passes may run in several threads at once; gradients are taken with
// torch::autograd::grad, each thread for its own, while the network lives. Whoever changes weights
// does so while no pass runs, and calls renew().
class Network {
 public:
  // Of a llama or qwen2 file; quantised weights become f32 (bf16 where frozen and computed so).
  // Errors: those of model::read_config and bind_weights; kUnsupported naming what is computed by
  // the engine but not here; kInvalidArgument naming a target that is none, a rank of 0.
  [[nodiscard]] static Result<Network> load(const formats::Gguf& file, const Method& method);
  // Drawn from `seed` as Llama is. Errors: kInvalidArgument as above.
  [[nodiscard]] static Result<Network> random(const NetworkShape& shape, const Method& method,
                                              std::uint64_t seed);
  Network(Network&&) noexcept;
  Network& operator=(Network&&) noexcept;
  ~Network();

  // Sum of -log p over the predictions that count, a scalar f32 with gradients. Zero where none
  // count. The batch's ids are below the vocabulary (checked).
  [[nodiscard]] torch::Tensor summed_loss(const PackedBatch& batch,
                                          const PassOptions& options = {}) const;
  // [documents] f32: the sum of log p of each.
  [[nodiscard]] torch::Tensor log_likelihoods(const PackedBatch& batch,
                                              const PassOptions& options = {}) const;
  // [N, vocabulary] f32 at the positions that count, without gradients; for comparisons.
  [[nodiscard]] torch::Tensor logits(const PackedBatch& batch,
                                     const PassOptions& options = {}) const;

  // What learns, by GGUF name; adapters are "blk.0.attn_q.weight.lora_a" [rank, in] and ".lora_b"
  // [out, rank]. The tensors are the network's own: what is written into them counts, after
  // renew().
  [[nodiscard]] const Parameters& learnt() const;
  // The weights of the model itself (no adapters), frozen ones too, f32 or bf16.
  [[nodiscard]] Parameters all() const;
  // After weights have changed.
  void renew();

  [[nodiscard]] const NetworkShape& shape() const;
  [[nodiscard]] const Method& method() const;
  // What is computed in fact: kF32 for kBf16 where the processor cannot.
  [[nodiscard]] Arithmetic arithmetic() const;

 private:
  explicit Network(std::unique_ptr<internal::NetworkParts> parts);

  std::unique_ptr<internal::NetworkParts> parts_;
};

}  // namespace dramatis::train
