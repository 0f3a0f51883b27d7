// Weights and tokenizer into one file.
#include "train/export.h"

#include "formats/gguf_writer.h"
#include "kernels/quantise.h"
#include "train/vocabulary.h"

namespace dramatis::train {
namespace {

void add_shape(const Shape& shape, formats::GgufWriter& to) {
  const auto count = [](std::size_t n) { return static_cast<std::uint32_t>(n); };
  to.add_text("general.architecture", "llama");
  to.add_u32("llama.block_count", count(shape.layers));
  to.add_u32("llama.context_length", count(shape.context));
  to.add_u32("llama.embedding_length", count(shape.width));
  to.add_u32("llama.feed_forward_length", count(shape.feed_forward));
  to.add_u32("llama.attention.head_count", count(shape.heads));
  to.add_u32("llama.attention.head_count_kv", count(shape.kv_heads));
  to.add_u32("llama.attention.key_length", count(shape.head_width));
  to.add_u32("llama.attention.value_length", count(shape.head_width));
  to.add_u32("llama.rope.dimension_count", count(shape.head_width));
  to.add_f32("llama.rope.freq_base", static_cast<float>(shape.rope_base));
  to.add_f32("llama.attention.layer_norm_rms_epsilon", static_cast<float>(shape.norm_epsilon));
}

Result<formats::GgufTensorToWrite> tensor_of(const std::string& name, const torch::Tensor& weights,
                                             tensor::Dtype matrices) {
  const auto held = weights.detach().to(torch::kFloat32).contiguous();
  const auto dtype = held.dim() == 2 ? matrices : tensor::Dtype::kF32;
  formats::GgufTensorToWrite out{.name = name, .dtype = dtype, .shape = {}, .bytes = {}};
  for (auto d = held.dim(); d > 0; --d)
    out.shape.push_back(static_cast<std::size_t>(held.size(d - 1)));
  DRAMATIS_TRY(
      out.bytes,
      kernels::quantise({held.data_ptr<float>(), static_cast<std::size_t>(held.numel())}, dtype));
  return out;
}

}  // namespace

Result<std::vector<std::byte>> export_gguf(const Llama& model, const formats::Gguf& vocabulary,
                                           const ExportOptions& options) {
  formats::GgufWriter writer;
  add_shape(model.shape(), writer);
  writer.add_text("general.name", options.name);
  for (const auto& [key, value] : options.notes) writer.add_text(key, value);
  copy_tokenizer(vocabulary, writer);
  for (const auto& [name, weights] : model.parameters()) {
    DRAMATIS_TRY(auto tensor, tensor_of(name, weights, options.matrices));
    writer.add_tensor(std::move(tensor));
  }
  return writer.finish();
}

}  // namespace dramatis::train
