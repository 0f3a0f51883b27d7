// The forward pass as in the figure; libtorch remembers what it needs for the way back.
#include "train/llama.h"

#include <cmath>

#include "train/precision.h"

namespace dramatis::train {
namespace {

namespace nn = torch::nn::functional;

std::int64_t i(std::size_t n) {
  return static_cast<std::int64_t>(n);
}

torch::Tensor rms_norm(const torch::Tensor& x, const torch::Tensor& gain, double epsilon) {
  return x * torch::rsqrt(x.square().mean(-1, /*keepdim=*/true) + epsilon) * gain;
}

// x [.., in], weights [out, in] -> [.., out].
torch::Tensor project(const torch::Tensor& x, const torch::Tensor& weights) {
  return nn::linear(to_factor(x), to_factor(weights)).to(torch::kFloat32);
}

// a [.., N, K], b [.., K, M] -> [.., N, M].
torch::Tensor product(const torch::Tensor& a, const torch::Tensor& b) {
  return torch::matmul(to_factor(a), to_factor(b)).to(torch::kFloat32);
}

// Rotates neighbouring pairs (2j, 2j+1) of the last dimension of x [B, H, T, D] by t *
// base^(-2j/D): the order of GGUF's llama files.
torch::Tensor rotate(const torch::Tensor& x, double base) {
  const auto length = x.size(2);
  const auto width = x.size(3);
  const auto frequency =
      torch::pow(base, -torch::arange(0, width, 2, torch::kFloat32) / static_cast<double>(width));
  const auto angle = torch::outer(torch::arange(length, torch::kFloat32), frequency);  // [T, D/2]
  const auto cosine = angle.cos().to(x.dtype());
  const auto sine = angle.sin().to(x.dtype());
  const auto pairs = x.view({x.size(0), x.size(1), length, width / 2, 2});
  const auto even = pairs.select(-1, 0);
  const auto odd = pairs.select(-1, 1);
  return torch::stack({even * cosine - odd * sine, even * sine + odd * cosine}, -1).view_as(x);
}

}  // namespace

Llama::Llama(const Shape& shape, std::size_t pieces) : shape_(shape) {
  const auto matrix = [](std::size_t out, std::size_t in, double scale) {
    return torch::randn({i(out), i(in)}) * (scale / std::sqrt(static_cast<double>(in)));
  };
  const double residual = 1.0 / std::sqrt(2.0 * static_cast<double>(shape.layers));
  const std::size_t width = shape.width;
  embedding_ = keep("token_embd.weight", torch::randn({i(pieces), i(width)}) * 0.02);
  for (std::size_t l = 0; l < shape.layers; ++l) {
    const std::string prefix = "blk." + std::to_string(l) + ".";
    Block block;
    block.attn_norm = keep(prefix + "attn_norm.weight", torch::ones({i(width)}));
    block.q = keep(prefix + "attn_q.weight", matrix(shape.heads * shape.head_width, width, 1));
    block.k = keep(prefix + "attn_k.weight", matrix(shape.kv_heads * shape.head_width, width, 1));
    block.v = keep(prefix + "attn_v.weight", matrix(shape.kv_heads * shape.head_width, width, 1));
    block.attn_out = keep(prefix + "attn_output.weight",
                          matrix(width, shape.heads * shape.head_width, residual));
    block.ffn_norm = keep(prefix + "ffn_norm.weight", torch::ones({i(width)}));
    block.gate = keep(prefix + "ffn_gate.weight", matrix(shape.feed_forward, width, 1));
    block.up = keep(prefix + "ffn_up.weight", matrix(shape.feed_forward, width, 1));
    block.down = keep(prefix + "ffn_down.weight", matrix(width, shape.feed_forward, residual));
    blocks_.push_back(std::move(block));
  }
  norm_ = keep("output_norm.weight", torch::ones({i(width)}));
}

torch::Tensor Llama::keep(const std::string& name, torch::Tensor weights) {
  weights.set_requires_grad(true);
  parameters_.emplace_back(name, weights);
  return weights;
}

torch::Tensor Llama::attend(const Block& block, const torch::Tensor& x,
                            const torch::Tensor& allowed) const {
  const auto batch = x.size(0);
  const auto length = x.size(1);
  const auto split = [&](const torch::Tensor& weights, std::size_t heads) {
    return project(x, weights)
        .view({batch, length, i(heads), i(shape_.head_width)})
        .transpose(1, 2)
        .contiguous();
  };
  const auto q = rotate(split(block.q, shape_.heads), shape_.rope_base);
  const auto group = i(shape_.heads / shape_.kv_heads);
  const auto k =
      rotate(split(block.k, shape_.kv_heads), shape_.rope_base).repeat_interleave(group, 1);
  const auto v = split(block.v, shape_.kv_heads).repeat_interleave(group, 1);
  auto scores = product(q, k.transpose(-1, -2)) / std::sqrt(static_cast<double>(shape_.head_width));
  scores = torch::softmax(scores + allowed, -1);
  const auto mixed = product(scores, v).transpose(1, 2).reshape({batch, length, -1});
  return project(mixed, block.attn_out);
}

torch::Tensor Llama::hidden(const torch::Tensor& ids, const torch::Tensor& allowed) const {
  // As numbers to add: one pass over the scores in place of two.
  const auto mask = torch::zeros(allowed.sizes()).masked_fill_(~allowed, -1e30);
  auto x = torch::embedding(embedding_, ids);
  for (const Block& block : blocks_) {
    x = x + attend(block, rms_norm(x, block.attn_norm, shape_.norm_epsilon), mask);
    const auto y = rms_norm(x, block.ffn_norm, shape_.norm_epsilon);
    x = x + project(torch::silu(project(y, block.gate)) * project(y, block.up), block.down);
  }
  return rms_norm(x, norm_, shape_.norm_epsilon);
}

torch::Tensor Llama::logits(const torch::Tensor& rows) const {
  return project(rows, embedding_);
}

}  // namespace dramatis::train
