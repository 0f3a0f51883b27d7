// Tensors of a safetensors file -> an encoder's weights by name, every shape as the config says.
#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "kernels/matmul.h"
#include "model/internal/bert_binder.h"
#include "model/limits.h"

namespace dramatis::model {
namespace {

constexpr std::string_view kWords = "embeddings.word_embeddings.weight";

std::optional<tensor::Dtype> dtype_of(formats::SafeDtype dtype) {
  switch (dtype) {
    case formats::SafeDtype::kF32:
      return tensor::Dtype::kF32;
    case formats::SafeDtype::kF16:
      return tensor::Dtype::kF16;
    case formats::SafeDtype::kBF16:
      return tensor::Dtype::kBF16;
    case formats::SafeDtype::kI64:
    case formats::SafeDtype::kI32:
    case formats::SafeDtype::kU8:
      break;
  }
  return std::nullopt;
}

Status within(std::string_view name, std::size_t value, std::size_t most) {
  if (value >= 1 && value <= most) return {};
  return fail(
      ErrorCode::kCorrupt,
      fmt::format("The encoder's {} is {}; it must lie between 1 and {}.", name, value, most));
}

}  // namespace

Status validate(const BertConfig& config) {
  DRAMATIS_DO(within("num_hidden_layers", config.layers, kMaxLayers));
  DRAMATIS_DO(within("hidden_size", config.width, kMaxWidth));
  DRAMATIS_DO(within("intermediate_size", config.ffn_width, kMaxFfnWidth));
  DRAMATIS_DO(within("num_attention_heads", config.heads, kMaxHeads));
  DRAMATIS_DO(within("vocab_size", config.vocabulary, kMaxEncoderVocabulary));
  DRAMATIS_DO(within("max_position_embeddings", config.context, kMaxEncoderContext));
  DRAMATIS_DO(within("type_vocab_size", config.types, kMaxEncoderTypes));
  if (config.width % config.heads != 0) {
    return fail(ErrorCode::kCorrupt,
                fmt::format("The encoder's hidden_size of {} is not shared evenly by {} heads.",
                            config.width, config.heads));
  }
  // Zero would divide by zero where all numbers are alike; 1e-3 would blur what the norm keeps.
  if (!(config.norm_epsilon > 0 && config.norm_epsilon <= 1e-3)) {
    return fail(ErrorCode::kCorrupt,
                fmt::format("The encoder's layer_norm_eps is {}; it must lie between 0 and 0.001.",
                            config.norm_epsilon));
  }
  return {};
}

BertEncoder::Binder::Binder(const formats::Safetensors& file) : file_(file) {
  if (file.tensor(kWords) == nullptr) prefix_ = "bert.";
}

Result<std::vector<float>> BertEncoder::Binder::numbers(std::string_view name,
                                                        std::vector<std::size_t> shape) const {
  const std::string whole = fmt::format("{}{}", prefix_, name);
  const auto* found = file_.tensor(whole);
  if (found == nullptr) {
    return fail(ErrorCode::kNotFound, fmt::format("The encoder has no tensor {}.", whole));
  }
  if (found->shape != shape) {
    return fail(ErrorCode::kCorrupt,
                fmt::format("The encoder's tensor {} is [{}]; its config.json asks for [{}].",
                            whole, fmt::join(found->shape, ", "), fmt::join(shape, ", ")));
  }
  const auto dtype = dtype_of(found->dtype);
  if (!dtype) {
    return fail(ErrorCode::kUnsupported,
                fmt::format("The encoder's tensor {} is {}; F32, F16 and BF16 are read.", whole,
                            formats::name_of(found->dtype)));
  }
  std::size_t count = 1;
  for (const auto length : shape) count *= length;  // that of bytes in memory
  std::vector<float> read(count);
  kernels::unpack_row({.dtype = *dtype, .rows = 1, .columns = count, .bytes = found->bytes}, 0,
                      read);
  if (!std::ranges::all_of(read, [](float number) { return std::isfinite(number); })) {
    return fail(ErrorCode::kCorrupt,
                fmt::format("The encoder's tensor {} holds a number that is not finite.", whole));
  }
  return read;
}

Result<BertEncoder::Norm> BertEncoder::Binder::norm(std::string_view name,
                                                    std::size_t width) const {
  Norm norm;
  DRAMATIS_TRY(norm.weight, numbers(fmt::format("{}.weight", name), {width}));
  DRAMATIS_TRY(norm.bias, numbers(fmt::format("{}.bias", name), {width}));
  return norm;
}

Result<kernels::Panels> BertEncoder::Binder::panels(std::span<const std::string> names,
                                                    std::size_t outputs, std::size_t inputs) const {
  std::vector<float> weights, biases;
  for (const auto& name : names) {
    DRAMATIS_TRY(const auto weight, numbers(name + ".weight", {outputs, inputs}));
    DRAMATIS_TRY(const auto bias, numbers(name + ".bias", {outputs}));
    weights.insert(weights.end(), weight.begin(), weight.end());
    biases.insert(biases.end(), bias.begin(), bias.end());
  }
  return kernels::Panels(weights, biases);
}

Result<BertEncoder::Layer> BertEncoder::Binder::layer(std::size_t l,
                                                      const BertConfig& config) const {
  const std::string at = fmt::format("encoder.layer.{}.", l);
  const std::string attention = at + "attention.";
  const std::vector<std::string> in = {attention + "self.query", attention + "self.key",
                                       attention + "self.value"};
  const std::vector<std::string> out = {attention + "output.dense"};
  const std::vector<std::string> up = {at + "intermediate.dense"};
  const std::vector<std::string> down = {at + "output.dense"};
  Layer layer;
  DRAMATIS_TRY(layer.attention_in, panels(in, config.width, config.width));
  DRAMATIS_TRY(layer.attention_out, panels(out, config.width, config.width));
  DRAMATIS_TRY(layer.attention_norm, norm(attention + "output.LayerNorm", config.width));
  DRAMATIS_TRY(layer.up, panels(up, config.ffn_width, config.width));
  DRAMATIS_TRY(layer.down, panels(down, config.width, config.ffn_width));
  DRAMATIS_TRY(layer.ffn_norm, norm(at + "output.LayerNorm", config.width));
  return layer;
}

Result<BertEncoder> BertEncoder::Binder::encoder(const BertConfig& config) const {
  BertEncoder encoder;
  encoder.config_ = config;
  DRAMATIS_TRY(encoder.words_, numbers(kWords, {config.vocabulary, config.width}));
  DRAMATIS_TRY(encoder.positions_,
               numbers("embeddings.position_embeddings.weight", {config.context, config.width}));
  DRAMATIS_TRY(encoder.type_,
               numbers("embeddings.token_type_embeddings.weight", {config.types, config.width}));
  encoder.type_.resize(config.width);
  DRAMATIS_TRY(encoder.first_norm_, norm("embeddings.LayerNorm", config.width));
  for (std::size_t l = 0; l < config.layers; ++l) {
    DRAMATIS_TRY(auto bound, layer(l, config));
    encoder.layers_.push_back(std::move(bound));
  }
  return encoder;
}

Result<BertEncoder> BertEncoder::bind(const formats::Safetensors& file, const BertConfig& config) {
  DRAMATIS_DO(validate(config));
  try {
    return Binder(file).encoder(config);
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::kOverBudget,
                fmt::format("There is no memory for an encoder of {} layers of {} numbers.",
                            config.layers, config.width));
  }
}

}  // namespace dramatis::model
