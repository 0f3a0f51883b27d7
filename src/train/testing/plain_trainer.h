// For tests: training by the textbook, one document after another in double precision, in Hugging
// Face's names and order of rows. Nothing of the trainer is used. Sources: transformers,
// modeling_llama.py and modeling_qwen2.py; peft, `tuners/lora/layer.py`; torch, `optim/adamw.py`;
// Rafailov et al. 2023, "Direct Preference Optimization".
#pragma once

#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <torch/torch.h>

#include "convert/testing/plain_model.h"

namespace dramatis::train::testing {

struct PlainDocument {
  std::vector<std::int64_t> ids;
  std::vector<bool> learnt;
};

// One more matrix pair: y += scale * x A^T B^T.
struct PlainLora {
  torch::Tensor a, b;
  double scale;
};

class PlainTrainer {
 public:
  explicit PlainTrainer(const convert::testing::PlainModel& model) : shape_(model) {
    for (const auto& [name, tensor] : model.tensors) {
      std::vector<std::int64_t> sizes(tensor.shape.begin(), tensor.shape.end());
      weights_[name] = torch::tensor(tensor.values, torch::kFloat64).view(sizes);
    }
  }

  void learn_everything() {
    for (auto& [name, weight] : weights_) learn(weight);
  }
  // `module`: "model.layers.0.self_attn.q_proj".
  void adapt(const std::string& module, const torch::Tensor& a, const torch::Tensor& b,
             double scale) {
    PlainLora lora{.a = a.detach().to(torch::kFloat64).clone(),
                   .b = b.detach().to(torch::kFloat64).clone(),
                   .scale = scale};
    learn(lora.a);
    learn(lora.b);
    adapters_[module] = lora;
  }

  // -log p of the tokens that count.
  torch::Tensor loss_of(const PlainDocument& document, bool adapted = true) const {
    const auto ids = torch::tensor(document.ids, torch::kInt64);
    const auto chances = torch::log_softmax(logits(ids, adapted), -1);
    auto sum = torch::zeros({}, torch::kFloat64);
    for (std::size_t n = 1; n < document.ids.size(); ++n) {
      if (document.learnt[n])
        sum = sum - chances[static_cast<std::int64_t>(n) - 1][document.ids[n]];
    }
    return sum;
  }

  torch::Tensor preference_loss(const PlainDocument& chosen, const PlainDocument& rejected,
                                double beta) const {
    const auto gain = [&](const PlainDocument& one) {
      return loss_of(one, false).detach() - loss_of(one);
    };
    return -torch::log_sigmoid(beta * (gain(chosen) - gain(rejected)));
  }

  // One AdamW update of the mean loss, gradients shortened to `clip`.
  void update(const torch::Tensor& loss, double rate, double decay, double clip) {
    std::vector<torch::Tensor> leaves;
    for (const auto& one : learnt_) leaves.push_back(one.weight);
    auto gradients = torch::autograd::grad({loss}, leaves, {}, c10::nullopt, false, true);
    double squares = 0;
    for (const auto& g : gradients) squares += g.defined() ? g.square().sum().item<double>() : 0;
    const double shorter = std::min(1.0, clip / std::sqrt(squares));
    ++updates_;
    const torch::NoGradGuard no_gradients;
    for (std::size_t n = 0; n < learnt_.size(); ++n) {
      if (!gradients[n].defined()) continue;
      auto& one = learnt_[n];
      const auto g = gradients[n] * shorter;
      one.first = 0.9 * one.first + 0.1 * g;
      one.second = 0.999 * one.second + 0.001 * g * g;
      const auto mean = one.first / (1 - std::pow(0.9, updates_));
      const auto size = (one.second / (1 - std::pow(0.999, updates_))).sqrt();
      if (one.weight.dim() == 2) one.weight.mul_(1 - rate * decay);
      one.weight.sub_(rate * mean / (size + 1e-8));
    }
  }

 private:
  struct Learnt {
    torch::Tensor weight, first, second;
  };

  void learn(torch::Tensor& weight) {
    weight.set_requires_grad(true);
    const auto zeros = torch::zeros_like(weight.detach());
    learnt_.push_back({weight, zeros, zeros});
  }

  torch::Tensor times(const std::string& module, const torch::Tensor& x, bool adapted) const {
    auto y = torch::matmul(x, weights_.at(module + ".weight").t());
    if (const auto bias = weights_.find(module + ".bias"); bias != weights_.end())
      y = y + bias->second;
    const auto lora = adapters_.find(module);
    if (!adapted || lora == adapters_.end()) return y;
    return y + lora->second.scale *
                   torch::matmul(torch::matmul(x, lora->second.a.t()), lora->second.b.t());
  }

  torch::Tensor norm(const std::string& name, const torch::Tensor& x) const {
    return x / (x.square().mean(-1, true) + shape_.epsilon).sqrt() * weights_.at(name + ".weight");
  }

  // x [T, heads * H] -> [heads, T, H], halves rotated together.
  torch::Tensor rotated(const torch::Tensor& x, std::size_t heads) const {
    const auto width = static_cast<std::int64_t>(shape_.head_width);
    const auto split = heads_of(x, heads);
    const auto pair = torch::arange(width / 2, torch::kFloat64);
    const auto angle =
        torch::arange(x.size(0), torch::kFloat64).unsqueeze(1) *
        torch::pow(shape_.rope_base, -2.0 * pair / static_cast<double>(width)).unsqueeze(0);
    const auto left = split.slice(-1, 0, width / 2);
    const auto right = split.slice(-1, width / 2);
    return torch::cat(
        {left * angle.cos() - right * angle.sin(), right * angle.cos() + left * angle.sin()}, -1);
  }

  torch::Tensor heads_of(const torch::Tensor& x, std::size_t heads) const {
    return x
        .view({x.size(0), static_cast<std::int64_t>(heads),
               static_cast<std::int64_t>(shape_.head_width)})
        .transpose(0, 1);
  }

  torch::Tensor attention(const std::string& at, const torch::Tensor& x, bool adapted) const {
    const auto group = static_cast<std::int64_t>(shape_.heads / shape_.kv_heads);
    const auto q = rotated(times(at + "q_proj", x, adapted), shape_.heads);
    const auto k =
        rotated(times(at + "k_proj", x, adapted), shape_.kv_heads).repeat_interleave(group, 0);
    const auto v =
        heads_of(times(at + "v_proj", x, adapted), shape_.kv_heads).repeat_interleave(group, 0);
    auto scores =
        torch::matmul(q, k.transpose(1, 2)) / std::sqrt(static_cast<double>(shape_.head_width));
    const auto future = torch::ones({x.size(0), x.size(0)}, torch::kBool).triu(1);
    scores = scores.masked_fill(future, -1e30);
    const auto mixed = torch::matmul(torch::softmax(scores, -1), v);
    return times(at + "o_proj", mixed.transpose(0, 1).reshape({x.size(0), -1}), adapted);
  }

  torch::Tensor logits(const torch::Tensor& ids, bool adapted) const {
    auto x = weights_.at("model.embed_tokens.weight").index_select(0, ids);
    for (std::size_t l = 0; l < shape_.layers; ++l) {
      const std::string at = fmt::format("model.layers.{}.", l);
      x = x + attention(at + "self_attn.", norm(at + "input_layernorm", x), adapted);
      const auto y = norm(at + "post_attention_layernorm", x);
      const auto gated = torch::silu(times(at + "mlp.gate_proj", y, adapted)) *
                         times(at + "mlp.up_proj", y, adapted);
      x = x + times(at + "mlp.down_proj", gated, adapted);
    }
    return torch::matmul(
        norm("model.norm", x),
        weights_.at(shape_.is_tied ? "model.embed_tokens.weight" : "lm_head.weight").t());
  }

  convert::testing::PlainModel shape_;
  std::map<std::string, torch::Tensor> weights_;
  std::map<std::string, PlainLora> adapters_;
  std::vector<Learnt> learnt_;
  int updates_ = 0;
};

}  // namespace dramatis::train::testing
