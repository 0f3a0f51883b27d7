// For tests: what a Hugging Face folder computes, by plain formulas in double precision on the
// folder's own tensors. Nothing of model/ or kernels/ is used. Sources: transformers,
// modeling_llama.py, modeling_qwen2.py, modeling_qwen3.py, modeling_gemma2.py,
// modeling_rope_utils.py.
#pragma once

#include <cmath>
#include <map>
#include <numbers>
#include <string>
#include <vector>

namespace dramatis::convert::testing {

using Numbers = std::vector<double>;

struct PlainTensor {
  std::vector<std::size_t> shape;
  Numbers values;
};

struct PlainModel {
  std::string type = "llama";  // model_type
  std::size_t layers = 2;
  std::size_t width = 64;
  std::size_t ffn_width = 96;
  std::size_t heads = 4;
  std::size_t kv_heads = 2;
  std::size_t head_width = 16;
  std::size_t vocabulary = 0;
  double epsilon = 1e-5;
  double rope_base = 10000;
  double rope_factor = 1;     // linear
  bool is_stretched = false;  // as Llama 3, by 8 between 1 and 4 turns of 64 tokens
  bool is_tied = false;
  std::size_t window = 0;  // gemma2, of even layers
  double score_scalar = 16;
  std::map<std::string, PlainTensor> tensors{};

  [[nodiscard]] bool is_gemma() const { return type == "gemma2"; }

  [[nodiscard]] Numbers times(const std::string& name, const Numbers& x) const {
    const auto& w = tensors.at(name + ".weight");
    Numbers out(w.shape[0]);
    for (std::size_t r = 0; r < out.size(); ++r) {
      for (std::size_t c = 0; c < x.size(); ++c) out[r] += w.values[r * x.size() + c] * x[c];
    }
    if (const auto bias = tensors.find(name + ".bias"); bias != tensors.end()) {
      for (std::size_t r = 0; r < out.size(); ++r) out[r] += bias->second.values[r];
    }
    return out;
  }

  [[nodiscard]] Numbers norm(const std::string& name, Numbers x) const {
    double sum = 0;
    for (const double value : x) sum += value * value;
    const double by = 1 / std::sqrt(sum / static_cast<double>(x.size()) + epsilon);
    const auto& w = tensors.at(name + ".weight").values;
    for (std::size_t n = 0; n < x.size(); ++n) x[n] *= by * (w[n] + (is_gemma() ? 1 : 0));
    return x;
  }

  [[nodiscard]] double angle(std::size_t pair, std::size_t position) const {
    double radians =
        std::pow(rope_base, -2.0 * static_cast<double>(pair) / static_cast<double>(head_width));
    radians /= rope_factor;
    if (is_stretched) {
      const double length = 2 * std::numbers::pi / radians;
      if (length > 64.0) {
        radians /= 8;
      } else if (length >= 16.0) {
        const double smooth = (64.0 / length - 1) / 3;
        radians = (1 - smooth) * radians / 8 + smooth * radians;
      }
    }
    return radians * static_cast<double>(position);
  }

  // The head that begins at `from`, halves rotated together.
  void rotate(Numbers& x, std::size_t from, std::size_t position) const {
    const std::size_t half = head_width / 2;
    for (std::size_t n = 0; n < half; ++n) {
      const double a = angle(n, position);
      const double first = x[from + n];
      const double second = x[from + half + n];
      x[from + n] = first * std::cos(a) - second * std::sin(a);
      x[from + half + n] = second * std::cos(a) + first * std::sin(a);
    }
  }

  // Queries or keys of one token, ready.
  [[nodiscard]] Numbers ready(const std::string& attention, const char* which, std::size_t count,
                              const Numbers& x, std::size_t position) const {
    Numbers all = times(attention + which + "_proj", x);
    for (std::size_t h = 0; h < count; ++h) {
      const auto from = static_cast<std::ptrdiff_t>(h * head_width);
      if (type == "qwen3") {
        Numbers one(all.begin() + from,
                    all.begin() + from + static_cast<std::ptrdiff_t>(head_width));
        one = norm(attention + which + "_norm", one);
        std::copy(one.begin(), one.end(), all.begin() + from);
      }
      rotate(all, h * head_width, position);
    }
    return all;
  }

  [[nodiscard]] Numbers attend(std::size_t l, const std::vector<Numbers>& keys,
                               const std::vector<Numbers>& values, const Numbers& query) const {
    const std::size_t now = keys.size() - 1;
    Numbers mixed(heads * head_width);
    for (std::size_t h = 0; h < heads; ++h) {
      const std::size_t kv = h / (heads / kv_heads) * head_width;
      Numbers shares;
      double sum = 0;
      for (std::size_t t = 0; t <= now; ++t) {
        double score = 0;
        for (std::size_t d = 0; d < head_width; ++d)
          score += query[h * head_width + d] * keys[t][kv + d];
        score /= std::sqrt(is_gemma() ? score_scalar : static_cast<double>(head_width));
        if (is_gemma()) score = 50 * std::tanh(score / 50);
        const bool is_hidden = window > 0 && l % 2 == 0 && now - t >= window;
        shares.push_back(is_hidden ? 0 : std::exp(score));
        sum += shares.back();
      }
      for (std::size_t t = 0; t <= now; ++t) {
        for (std::size_t d = 0; d < head_width; ++d)
          mixed[h * head_width + d] += shares[t] / sum * values[t][kv + d];
      }
    }
    return mixed;
  }

  [[nodiscard]] double gate(double x) const {
    if (!is_gemma()) return x / (1 + std::exp(-x));
    return 0.5 * x * (1 + std::tanh(std::sqrt(2 / std::numbers::pi) * (x + 0.044715 * x * x * x)));
  }

  // Logits after each token.
  [[nodiscard]] std::vector<Numbers> logits(const std::vector<int>& ids) const {
    std::vector<std::vector<Numbers>> keys(layers);
    std::vector<std::vector<Numbers>> values(layers);
    std::vector<Numbers> all;
    for (std::size_t t = 0; t < ids.size(); ++t) {
      const auto& embedding = tensors.at("model.embed_tokens.weight").values;
      Numbers x(
          embedding.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(ids[t]) * width),
          embedding.begin() +
              static_cast<std::ptrdiff_t>((static_cast<std::size_t>(ids[t]) + 1) * width));
      if (is_gemma()) {
        for (double& value : x) value *= std::sqrt(static_cast<double>(width));
      }
      for (std::size_t l = 0; l < layers; ++l) {
        const std::string b = "model.layers." + std::to_string(l) + ".";
        const Numbers h = norm(b + "input_layernorm", x);
        const Numbers query = ready(b + "self_attn.", "q", heads, h, t);
        keys[l].push_back(ready(b + "self_attn.", "k", kv_heads, h, t));
        values[l].push_back(times(b + "self_attn.v_proj", h));
        Numbers out = times(b + "self_attn.o_proj", attend(l, keys[l], values[l], query));
        if (is_gemma()) out = norm(b + "post_attention_layernorm", out);
        for (std::size_t n = 0; n < width; ++n) x[n] += out[n];
        const Numbers in =
            norm(b + (is_gemma() ? "pre_feedforward_layernorm" : "post_attention_layernorm"), x);
        Numbers inner = times(b + "mlp.gate_proj", in);
        const Numbers up = times(b + "mlp.up_proj", in);
        for (std::size_t n = 0; n < inner.size(); ++n) inner[n] = gate(inner[n]) * up[n];
        out = times(b + "mlp.down_proj", inner);
        if (is_gemma()) out = norm(b + "post_feedforward_layernorm", out);
        for (std::size_t n = 0; n < width; ++n) x[n] += out[n];
      }
      Numbers made = times(is_tied ? "model.embed_tokens" : "lm_head", norm("model.norm", x));
      if (is_gemma()) {
        for (double& value : made) value = 30 * std::tanh(value / 30);
      }
      all.push_back(std::move(made));
    }
    return all;
  }
};

}  // namespace dramatis::convert::testing
