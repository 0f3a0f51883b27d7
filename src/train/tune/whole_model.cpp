// Tensors one by one; what the base said of itself stays.
#include "train/tune/whole_model.h"

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "base/files.h"
#include "convert/hugging_face.h"
#include "convert/weight_types.h"
#include "kernels/quantise.h"
#include "text/json.h"
#include "train/tensors.h"
#include "train/tune/folder_names.h"
#include "train/vocabulary.h"

namespace dramatis::train::tune {
namespace {

using text::Json;
using text::JsonArray;
using text::JsonObject;

Result<formats::GgufTensorToWrite> written(const std::string& name, const torch::Tensor& weights,
                                           tensor::Dtype type, bool makes_logits) {
  const auto held = weights.detach().to(torch::kFloat32).contiguous();
  formats::GgufTensorToWrite out{
      .name = name, .dtype = tensor::Dtype::kF32, .shape = {}, .bytes = {}};
  for (auto d = held.dim(); d > 0; --d)
    out.shape.push_back(static_cast<std::size_t>(held.size(d - 1)));
  if (held.dim() == 2) {
    out.dtype = convert::type_for(
        type, out.shape[0], makes_logits ? convert::Makes::kLogits : convert::Makes::kNumbers);
  }
  DRAMATIS_TRY(out.bytes,
               kernels::quantise({held.data_ptr<float>(), static_cast<std::size_t>(held.numel())},
                                 out.dtype));
  return out;
}

Status add_weights(const Network& network, tensor::Dtype type, formats::GgufWriter& to) {
  const bool is_tied = !network.shape().own_head;
  for (const auto& [name, weights] : network.all()) {
    const bool makes_logits = name == (is_tied ? "token_embd.weight" : "output.weight");
    DRAMATIS_TRY(auto tensor, written(name, weights, type, makes_logits));
    to.add_tensor(std::move(tensor));
  }
  return {};
}

// What says how the file itself is laid out.
bool is_about_file(std::string_view key) {
  return key == "general.alignment" || key == "general.file_type" ||
         key == "general.quantization_version";
}

void add_shape(const Shape& shape, formats::GgufWriter& to) {
  const auto count = [&to](const char* key, std::size_t n) {
    to.add_u32(key, static_cast<std::uint32_t>(n));
  };
  count("llama.block_count", shape.layers);
  count("llama.context_length", shape.context);
  count("llama.embedding_length", shape.width);
  count("llama.feed_forward_length", shape.feed_forward);
  count("llama.attention.head_count", shape.heads);
  count("llama.attention.head_count_kv", shape.kv_heads);
  count("llama.attention.key_length", shape.head_width);
  count("llama.attention.value_length", shape.head_width);
  count("llama.rope.dimension_count", shape.head_width);
  to.add_f32("llama.rope.freq_base", static_cast<float>(shape.rope_base));
  to.add_f32("llama.attention.layer_norm_rms_epsilon", static_cast<float>(shape.norm_epsilon));
}

std::string config_of(const NetworkShape& shape) {
  const bool is_qwen = shape.rotates_halves;
  const Shape& sizes = shape.sizes;
  return text::print_json(Json(JsonObject{
             {"architectures", JsonArray{is_qwen ? "Qwen2ForCausalLM" : "LlamaForCausalLM"}},
             {"model_type", is_qwen ? "qwen2" : "llama"},
             {"hidden_size", sizes.width},
             {"intermediate_size", sizes.feed_forward},
             {"num_hidden_layers", sizes.layers},
             {"num_attention_heads", sizes.heads},
             {"num_key_value_heads", sizes.kv_heads},
             {"head_dim", sizes.head_width},
             {"vocab_size", shape.vocabulary},
             {"max_position_embeddings", sizes.context},
             {"rms_norm_eps", sizes.norm_epsilon},
             {"rope_theta", sizes.rope_base},
             {"tie_word_embeddings", !shape.own_head},
             {"hidden_act", "silu"},
             {"torch_dtype", "float32"}})) +
         "\n";
}

// What a folder has beside its weights.
Status copy_words(const std::filesystem::path& from, const std::filesystem::path& to) {
  constexpr const char* kFiles[] = {"tokenizer.json", "tokenizer_config.json",
                                    "chat_template.jinja", "special_tokens_map.json",
                                    "generation_config.json"};
  for (const char* name : kFiles) {
    std::error_code failed;
    if (!std::filesystem::exists(from / name, failed)) continue;
    std::filesystem::copy_file(from / name, to / name,
                               std::filesystem::copy_options::overwrite_existing, failed);
    if (failed) {
      return fail(ErrorCode::kUnavailable,
                  fmt::format("{}: {}", (to / name).string(), failed.message()));
    }
  }
  return {};
}

}  // namespace

Result<formats::Gguf> with_weights(const formats::Gguf& base, const Network& network,
                                   tensor::Dtype type, const Notes& notes) {
  formats::GgufWriter writer;
  for (const auto& [key, value] : base.metadata()) {
    bool is_replaced = is_about_file(key);
    for (const auto& note : notes) is_replaced = is_replaced || note.first == key;
    if (!is_replaced) writer.add_value(key, value);
  }
  for (const auto& [key, value] : notes) writer.add_text(key, value);
  writer.add_u32("general.file_type", convert::file_type(type));
  writer.add_u32("general.quantization_version", 2);
  DRAMATIS_DO(add_weights(network, type, writer));
  // What the network takes from the file without learning it, such as divisors of a rotation.
  const auto learnt = network.all();
  for (const auto& tensor : base.tensors()) {
    const bool is_there = std::any_of(learnt.begin(), learnt.end(), [&tensor](const auto& one) {
      return one.first == tensor.name;
    });
    if (is_there) continue;
    writer.add_tensor({.name = tensor.name,
                       .dtype = tensor.dtype,
                       .shape = tensor.shape,
                       .bytes = {tensor.bytes.begin(), tensor.bytes.end()}});
  }
  return std::move(writer).build();
}

Result<formats::Gguf> new_model(const formats::Gguf& vocabulary, const Network& network,
                                std::string_view name) {
  formats::GgufWriter writer;
  writer.add_text("general.architecture", "llama");
  writer.add_text("general.name", name);
  add_shape(network.shape().sizes, writer);
  copy_tokenizer(vocabulary, writer);
  DRAMATIS_DO(add_weights(network, tensor::Dtype::kF32, writer));
  return std::move(writer).build();
}

Status write_folder(const std::filesystem::path& folder, const Network& network,
                    const std::filesystem::path& base) {
  DRAMATIS_TRY(const auto named, for_folder(network.all(), network.shape()));
  DRAMATIS_DO(write_tensors(folder / "model.safetensors", named, formats::SafeDtype::kF32,
                            {{"format", "pt"}}));
  // A base's own words about itself are better than ours.
  if (convert::is_folder_of_a_model(base)) {
    std::error_code failed;
    std::filesystem::copy_file(base / "config.json", folder / "config.json",
                               std::filesystem::copy_options::overwrite_existing, failed);
    if (failed) {
      return fail(ErrorCode::kUnavailable,
                  fmt::format("{}: {}", (folder / "config.json").string(), failed.message()));
    }
    return copy_words(base, folder);
  }
  const std::string config = config_of(network.shape());
  return write_file(folder / "config.json", std::as_bytes(std::span(config)));
}

}  // namespace dramatis::train::tune
