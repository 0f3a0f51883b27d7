// The forward pass by fused operations: in f32, or with bf16 between them.
#include "train/internal/fast_forward.h"

#include <memory>
#include <optional>

#include "train/ops/attention.h"
#include "train/ops/cross_entropy.h"
#include "train/ops/linear.h"
#include "train/ops/recompute.h"
#include "train/ops/rms_norm.h"
#include "train/ops/silu_gate.h"
#include "train/parallel.h"

namespace dramatis::train::internal {
namespace {

std::int64_t i(std::size_t n) {
  return static_cast<std::int64_t>(n);
}

// The layers as one pass computes them, on its way there and, where it recomputes, back.
class Layers {
 public:
  Layers(const NetworkParts& parts, const PackedBatch& batch, const PassOptions& options)
      : parts_(parts), adapters_(options.adapters), dropout_(options.dropout) {
    const auto angles = torch::outer(batch.positions.to(torch::kFloat64), parts.radians);
    const Shape& sizes = parts.shape.sizes;
    plan_ = {.heads = i(sizes.heads),
             .kv_heads = i(sizes.kv_heads),
             .starts = batch.starts,
             .cosines = angles.cos().to(torch::kFloat32),
             .sines = angles.sin().to(torch::kFloat32),
             .rotates_halves = parts.shape.rotates_halves};
  }

  // x [T, width] f32 -> the same after one layer.
  [[nodiscard]] torch::Tensor through(const NetworkBlock& block, const torch::Tensor& x) const {
    return feed_forward(block, attend(block, x));
  }

  [[nodiscard]] torch::Tensor norm(const torch::Tensor& x, const torch::Tensor& gain) const {
    return ops::rms_norm(x, gain, parts_.shape.sizes.norm_epsilon,
                         halves() ? torch::kBFloat16 : torch::kFloat32);
  }

  // What learns of a layer in this pass.
  [[nodiscard]] std::vector<torch::Tensor> learnt_of(const NetworkBlock& block) const {
    std::vector<torch::Tensor> learnt;
    const auto add = [&learnt](const torch::Tensor& weight) {
      if (weight.defined() && weight.requires_grad()) learnt.push_back(weight);
    };
    add(block.attn_norm);
    add(block.ffn_norm);
    for (const Projection* matrix :
         {&block.q, &block.k, &block.v, &block.attn_out, &block.gate, &block.up, &block.down}) {
      const ops::Linear used = linear(*matrix);
      for (const auto& weight : {used.weight, used.bias, used.lora_a, used.lora_b}) add(weight);
    }
    return learnt;
  }

 private:
  [[nodiscard]] bool halves() const { return parts_.arithmetic == Arithmetic::kBf16; }

  [[nodiscard]] ops::Linear linear(const Projection& matrix) const {
    ops::Linear linear{.weight = matrix.weight,
                       .bias = matrix.bias,
                       .packed = matrix.packed,
                       .lora_a = {},
                       .lora_b = {}};
    if (!matrix.lora_a.defined() || adapters_ == Adapters::kOff) return linear;
    const Lora& lora = *parts_.method.lora;
    linear.lora_a = matrix.lora_a;
    linear.lora_b = matrix.lora_b;
    linear.scale = lora.scale();
    if (dropout_ && lora.dropout > 0) {
      linear.dropping =
          ops::Dropping{.share = lora.dropout, .seed = *dropout_, .place = matrix.place};
    }
    return linear;
  }

  std::vector<torch::Tensor> project(const torch::Tensor& x,
                                     const std::vector<const Projection*>& matrices) const {
    std::vector<ops::Linear> linears;
    for (const Projection* matrix : matrices) linears.push_back(linear(*matrix));
    if (halves()) return ops::project(x, linears);
    std::vector<torch::Tensor> out;
    for (const ops::Linear& matrix : linears) out.push_back(ops::plain_project(x, matrix));
    return out;
  }

  torch::Tensor project_onto(const torch::Tensor& residual, const torch::Tensor& x,
                             const Projection& matrix) const {
    return halves() ? ops::project_onto(residual, x, linear(matrix))
                    : residual + ops::plain_project(x, linear(matrix));
  }

  torch::Tensor attend(const NetworkBlock& block, const torch::Tensor& x) const {
    const auto projected = project(norm(x, block.attn_norm), {&block.q, &block.k, &block.v});
    return project_onto(x, ops::attend(projected[0], projected[1], projected[2], plan_),
                        block.attn_out);
  }

  torch::Tensor feed_forward(const NetworkBlock& block, const torch::Tensor& x) const {
    const auto projected = project(norm(x, block.ffn_norm), {&block.gate, &block.up});
    return project_onto(x, ops::silu_gate(projected[0], projected[1]), block.down);
  }

  const NetworkParts& parts_;
  Adapters adapters_;
  std::optional<std::uint64_t> dropout_;
  ops::AttentionPlan plan_;
};

}  // namespace

torch::Tensor fast_losses(const NetworkParts& parts, const PackedBatch& batch,
                          const PassOptions& options) {
  // Of this function and of every way back that recomputes; the last of these ends it.
  const auto layers = std::make_shared<const Layers>(parts, batch, options);
  auto x = torch::embedding(parts.embedding, batch.ids).to(torch::kFloat32);
  for (const NetworkBlock& block : parts.blocks) {
    if (options.keep == Keep::kEverything) {
      x = layers->through(block, x);
      continue;
    }
    // The network outlives its passes, and its blocks stay where they are.
    const auto again = [layers, &block](const torch::Tensor& input) {
      return layers->through(block, input);
    };
    x = ops::recomputed(again, x, layers->learnt_of(block));
  }
  const auto counted = x.index_select(0, batch.counted);
  if (counted.size(0) == 0) return torch::zeros({0});
  return ops::cross_entropy(layers->norm(counted, parts.norm), parts.head, parts.packed_head,
                            batch.targets);
}

void pack_weights(NetworkParts& parts) {
  if (parts.arithmetic != Arithmetic::kBf16) return;
  std::vector<std::pair<torch::Tensor, ops::PackedWeight*>> waiting;
  const auto add = [&](const torch::Tensor& weight, std::shared_ptr<ops::PackedWeight>& packed) {
    if (packed && !weight.requires_grad()) return;
    if (!packed) packed = ops::space_for_weight(weight);
    waiting.emplace_back(weight, packed.get());
  };
  add(parts.head, parts.packed_head);
  for (NetworkBlock& block : parts.blocks) {
    for (Projection* matrix :
         {&block.q, &block.k, &block.v, &block.attn_out, &block.gate, &block.up, &block.down}) {
      add(matrix->weight, matrix->packed);
    }
  }
  in_parallel(waiting.size(),
              [&](std::size_t n) { ops::pack_weight(waiting[n].first, *waiting[n].second); });
}

}  // namespace dramatis::train::internal
