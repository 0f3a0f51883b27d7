// The forward pass by libtorch's own operations, document by document where they must not see each
// other: slow and easy to check, what the fused operations are compared with.
#include <cmath>

#include "train/internal/network_parts.h"

namespace dramatis::train::internal {
namespace {

namespace nn = torch::nn::functional;

std::int64_t i(std::size_t n) {
  return static_cast<std::int64_t>(n);
}

torch::Tensor rms_norm(const torch::Tensor& x, const torch::Tensor& gain, double epsilon) {
  return x * torch::rsqrt(x.square().mean(-1, /*keepdim=*/true) + epsilon) *
         gain.to(torch::kFloat32);
}

// One pass through one network.
class PlainPass {
 public:
  PlainPass(const NetworkParts& parts, const PackedBatch& batch, const PassOptions& options)
      : parts_(parts),
        batch_(batch),
        options_(options),
        angles_(torch::outer(batch.positions.to(torch::kFloat64), parts.radians).unsqueeze(1)),
        cosines_(angles_.cos().to(torch::kFloat32)),
        sines_(angles_.sin().to(torch::kFloat32)) {}

  // [T, width].
  torch::Tensor hidden() {
    const double epsilon = parts_.shape.sizes.norm_epsilon;
    auto x = torch::embedding(parts_.embedding, batch_.ids).to(torch::kFloat32);
    for (const NetworkBlock& block : parts_.blocks) {
      x = x + attend(block, rms_norm(x, block.attn_norm, epsilon));
      const auto y = rms_norm(x, block.ffn_norm, epsilon);
      x = x + project(torch::silu(project(y, block.gate)) * project(y, block.up), block.down);
    }
    return rms_norm(x, parts_.norm, epsilon);
  }

 private:
  // x [T, in] -> [T, out].
  torch::Tensor project(const torch::Tensor& x, const Projection& matrix) const {
    auto y = nn::linear(x, matrix.weight.to(torch::kFloat32));
    if (matrix.bias.defined()) y = y + matrix.bias.to(torch::kFloat32);
    if (!matrix.lora_a.defined() || options_.adapters == Adapters::kOff) return y;
    const Lora& lora = *parts_.method.lora;
    auto input = x;
    if (options_.dropout && lora.dropout > 0) {
      input = x * ops::dropout_mask(
                      {.share = lora.dropout, .seed = *options_.dropout, .place = matrix.place},
                      x.size(0), x.size(1));
    }
    return y + nn::linear(nn::linear(input, matrix.lora_a), matrix.lora_b) * lora.scale();
  }

  // x [T, heads, R].
  torch::Tensor rotate(const torch::Tensor& x) const {
    const auto width = x.size(2);
    if (parts_.shape.rotates_halves) {
      const auto a = x.narrow(2, 0, width / 2);
      const auto b = x.narrow(2, width / 2, width / 2);
      return torch::cat({a * cosines_ - b * sines_, a * sines_ + b * cosines_}, 2);
    }
    const auto pairs = x.reshape({x.size(0), x.size(1), width / 2, 2});
    const auto a = pairs.select(3, 0);
    const auto b = pairs.select(3, 1);
    return torch::stack({a * cosines_ - b * sines_, a * sines_ + b * cosines_}, 3).view_as(x);
  }

  torch::Tensor attend(const NetworkBlock& block, const torch::Tensor& x) const {
    const Shape& sizes = parts_.shape.sizes;
    const auto split = [&](const Projection& matrix, std::size_t heads) {
      return project(x, matrix).view({x.size(0), i(heads), i(sizes.head_width)});
    };
    const auto group = i(sizes.heads / sizes.kv_heads);
    const auto q = rotate(split(block.q, sizes.heads));
    const auto k = rotate(split(block.k, sizes.kv_heads)).repeat_interleave(group, 1);
    const auto v = split(block.v, sizes.kv_heads).repeat_interleave(group, 1);
    std::vector<torch::Tensor> mixed;
    for (std::size_t d = 0; d + 1 < batch_.starts.size(); ++d) {
      const auto first = batch_.starts[d];
      const auto length = batch_.starts[d + 1] - first;
      const auto of = [&](const torch::Tensor& rows) {
        return rows.narrow(0, first, length).transpose(0, 1);  // [heads, L, R]
      };
      const auto later = torch::ones({length, length}, torch::kBool).triu(1);
      const auto scores = (torch::matmul(of(q), of(k).transpose(1, 2)) /
                           std::sqrt(static_cast<double>(sizes.head_width)))
                              .masked_fill(later, -1e30);
      mixed.push_back(
          torch::matmul(torch::softmax(scores, -1), of(v)).transpose(0, 1).reshape({length, -1}));
    }
    return project(torch::cat(mixed, 0), block.attn_out);
  }

  const NetworkParts& parts_;
  const PackedBatch& batch_;
  const PassOptions& options_;
  torch::Tensor angles_, cosines_, sines_;  // [T, 1, R/2]
};

}  // namespace

torch::Tensor plain_hidden(const NetworkParts& parts, const PackedBatch& batch,
                           const PassOptions& options) {
  return PlainPass(parts, batch, options).hidden().index_select(0, batch.counted);
}

torch::Tensor plain_losses(const NetworkParts& parts, const PackedBatch& batch,
                           const PassOptions& options) {
  const auto logits =
      nn::linear(plain_hidden(parts, batch, options), parts.head.to(torch::kFloat32));
  return nn::cross_entropy(logits, batch.targets,
                           nn::CrossEntropyFuncOptions().reduction(torch::kNone));
}

}  // namespace dramatis::train::internal
