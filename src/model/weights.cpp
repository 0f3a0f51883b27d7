// Finds each tensor once and compares it with what the config wants there.
#include "model/weights.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "kernels/matmul.h"

namespace dramatis::model {
namespace {

using formats::GgufTensor;

constexpr std::size_t kMostWarnings = 8;

class Binder {
 public:
  Binder(const formats::Gguf& file, std::string_view architecture) : architecture_(architecture) {
    for (const auto& tensor : file.tensors()) by_name_.emplace(tensor.name, &tensor);
  }

  // Shapes are innermost first: [columns, rows].
  [[nodiscard]] Result<tensor::MatrixView> matrix(const std::string& name, std::size_t rows,
                                                  std::size_t columns) {
    DRAMATIS_TRY(const GgufTensor* found, find(name, {columns, rows}));
    return tensor::MatrixView{
        .dtype = found->dtype, .rows = rows, .columns = columns, .bytes = found->bytes};
  }

  [[nodiscard]] Result<std::vector<float>> vector(const std::string& name, std::size_t length) {
    DRAMATIS_TRY(const GgufTensor* found, find(name, {length}));
    if (kernels::wants_rounded(found->dtype)) {
      return fail(ErrorCode::kUnsupported,
                  fmt::format("Tensor {} is of type {}; norms and biases are read as F32, F16 and "
                              "BF16.",
                              name, tensor::dtype_row(found->dtype).name));
    }
    std::vector<float> values(length);
    kernels::unpack_row(
        {.dtype = found->dtype, .rows = 1, .columns = length, .bytes = found->bytes}, 0, values);
    return values;
  }

  // Empty where the family has none.
  [[nodiscard]] Result<std::vector<float>> vector_if(Part part, const std::string& name,
                                                     std::size_t length) {
    if (part == Part::kAbsent) return std::vector<float>{};
    return vector(name, length);
  }

  [[nodiscard]] bool has(const std::string& name) const { return by_name_.contains(name); }

  // Tensors that nobody asked for. A bias or a norm would change the result, so it is no mere
  // oddity.
  [[nodiscard]] Result<std::vector<std::string>> unused() const {
    std::vector<std::string> names;
    for (const auto& [name, tensor] : by_name_) {
      if (used_.contains(tensor)) continue;
      if (name.ends_with(".bias") || name.ends_with("norm.weight")) {
        return fail(ErrorCode::kUnsupported,
                    fmt::format("Tensor {} does not fit the architecture {}, whose arithmetic has "
                                "no place for it.",
                                name, architecture_));
      }
      names.emplace_back(name);
    }
    std::ranges::sort(names);
    std::vector<std::string> warnings;
    for (std::size_t n = 0; n < std::min(names.size(), kMostWarnings); ++n) {
      warnings.push_back(fmt::format("Tensor {} is not used.", names[n]));
    }
    if (names.size() > kMostWarnings) {
      warnings.push_back(
          fmt::format("{} more tensors are not used.", names.size() - kMostWarnings));
    }
    return warnings;
  }

 private:
  [[nodiscard]] Result<const GgufTensor*> find(const std::string& name,
                                               const std::vector<std::size_t>& shape) {
    const auto found = by_name_.find(name);
    if (found == by_name_.end())
      return fail(ErrorCode::kNotFound, fmt::format("The file has no tensor {}.", name));
    if (found->second->shape != shape) {
      return fail(ErrorCode::kCorrupt,
                  fmt::format("Tensor {} has the shape [{}]; the metadata asks for [{}].", name,
                              fmt::join(found->second->shape, ", "), fmt::join(shape, ", ")));
    }
    used_.insert(found->second);
    return found->second;
  }

  std::unordered_map<std::string_view, const GgufTensor*>
      by_name_;  // views of the file's own names
  std::unordered_set<const GgufTensor*> used_;
  std::string_view architecture_;
};

// Some Llama models have biases though the family needs none.
Part part_of(const Binder& from, Part family, const std::string& name) {
  return from.has(name) ? Part::kPresent : family;
}

Status bind_biases(Binder& from, const ModelConfig& config, std::size_t l, LayerWeights& layer) {
  struct Bias {
    std::string_view of;
    std::size_t length;
    std::vector<float>& to;
  };
  const Bias biases[] = {{"attn_q", config.query_width(), layer.query_bias},
                         {"attn_k", config.kv_width(), layer.key_bias},
                         {"attn_v", config.kv_width(), layer.value_bias}};
  for (const auto& bias : biases) {
    const auto name = fmt::format("blk.{}.{}.bias", l, bias.of);
    DRAMATIS_TRY(bias.to,
                 from.vector_if(part_of(from, config.input_biases, name), name, bias.length));
  }
  return {};
}

Status bind_norms(Binder& from, const ModelConfig& config, std::size_t l, LayerWeights& layer) {
  struct Norm {
    Part part;
    std::string_view name;
    std::size_t length;
    std::vector<float>& to;
  };
  const Norm norms[] = {
      {Part::kPresent, "attn_norm", config.width, layer.attention_norm},
      {config.head_norms, "attn_q_norm", config.head_width, layer.query_norm},
      {config.head_norms, "attn_k_norm", config.head_width, layer.key_norm},
      {config.output_norms, "post_attention_norm", config.width, layer.attention_out_norm},
      {Part::kPresent, "ffn_norm", config.width, layer.ffn_norm},
      {config.output_norms, "post_ffw_norm", config.width, layer.ffn_out_norm}};
  for (const auto& norm : norms) {
    DRAMATIS_TRY(norm.to, from.vector_if(norm.part, fmt::format("blk.{}.{}.weight", l, norm.name),
                                         norm.length));
  }
  return {};
}

Result<LayerWeights> bind_layer(Binder& from, const ModelConfig& config, std::size_t l) {
  const auto named = [l](std::string_view part) {
    return fmt::format("blk.{}.{}.weight", l, part);
  };
  const auto d = config.width;
  LayerWeights layer;
  DRAMATIS_DO(bind_norms(from, config, l, layer));
  DRAMATIS_DO(bind_biases(from, config, l, layer));
  DRAMATIS_TRY(layer.query, from.matrix(named("attn_q"), config.query_width(), d));
  DRAMATIS_TRY(layer.key, from.matrix(named("attn_k"), config.kv_width(), d));
  DRAMATIS_TRY(layer.value, from.matrix(named("attn_v"), config.kv_width(), d));
  DRAMATIS_TRY(layer.attention_out, from.matrix(named("attn_output"), d, config.query_width()));
  DRAMATIS_TRY(layer.gate, from.matrix(named("ffn_gate"), config.ffn_width, d));
  DRAMATIS_TRY(layer.up, from.matrix(named("ffn_up"), config.ffn_width, d));
  DRAMATIS_TRY(layer.down, from.matrix(named("ffn_down"), d, config.ffn_width));
  return layer;
}

Result<std::vector<float>> bind_rope_divisors(Binder& from, const ModelConfig& config) {
  const std::string name = "rope_freqs.weight";
  if (!from.has(name)) return std::vector<float>{};
  if (config.rope_stretch.trained > 0) {
    return fail(ErrorCode::kCorrupt,
                fmt::format("The file has the tensor {} and {}.rope.scaling.type \"llama3\"; both "
                            "together would slow rotation twice.",
                            name, config.architecture));
  }
  DRAMATIS_TRY(auto divisors, from.vector(name, config.rope_width / 2));
  for (const float divisor : divisors) {
    if (!(divisor >= 1e-6F && divisor <= 1e6F)) {
      return fail(
          ErrorCode::kCorrupt,
          fmt::format("Tensor {} holds {}; divisors lie between 1e-6 and 1e6.", name, divisor));
    }
  }
  return divisors;
}

}  // namespace

Result<Weights> bind_weights(const formats::Gguf& file, const ModelConfig& config) {
  Binder from(file, config.architecture);
  Weights weights;
  DRAMATIS_TRY(weights.embedding,
               from.matrix("token_embd.weight", config.vocabulary, config.width));
  for (std::size_t l = 0; l < config.layers; ++l) {
    DRAMATIS_TRY(auto layer, bind_layer(from, config, l));
    weights.layers.push_back(std::move(layer));
  }
  DRAMATIS_TRY(weights.output_norm, from.vector("output_norm.weight", config.width));
  weights.output = weights.embedding;
  if (from.has("output.weight")) {
    DRAMATIS_TRY(weights.output, from.matrix("output.weight", config.vocabulary, config.width));
  }
  DRAMATIS_TRY(weights.rope_divisors, bind_rope_divisors(from, config));
  DRAMATIS_TRY(weights.warnings, from.unused());
  return weights;
}

}  // namespace dramatis::model
