// Copies sizes and pieces, converts tensors.
#include "convert/base_model.h"

#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "base/bytes.h"
#include "formats/gguf_writer.h"
#include "kernels/quantise.h"

namespace dramatis::convert {
namespace {

std::vector<float> widened(const formats::SafeTensor& tensor) {
  std::vector<float> values(tensor.bytes.size() / formats::bytes_of(tensor.dtype));
  for (std::size_t n = 0; n < values.size(); ++n) {
    // bf16 is the upper half of an f32.
    values[n] =
        tensor.dtype == formats::SafeDtype::kF32
            ? load_le<float>(tensor.bytes, 4 * n)
            : std::bit_cast<float>(
                  static_cast<std::uint32_t>(load_le<std::uint16_t>(tensor.bytes, 2 * n)) << 16);
  }
  return values;
}

Result<formats::GgufTensorToWrite> converted(const formats::GgufTensor& like,
                                             const formats::Safetensors& weights) {
  const formats::SafeTensor* found = weights.tensor(like.name);
  if (found == nullptr)
    return fail(ErrorCode::kCorrupt, fmt::format("the tensor '{}' is missing", like.name));
  if (found->dtype != formats::SafeDtype::kBF16 && found->dtype != formats::SafeDtype::kF32) {
    return fail(ErrorCode::kUnsupported,
                fmt::format("the tensor '{}' is neither BF16 nor F32", like.name));
  }
  const std::vector<std::size_t> innermost_first(found->shape.rbegin(), found->shape.rend());
  if (innermost_first != like.shape) {
    return fail(ErrorCode::kCorrupt,
                fmt::format("the tensor '{}' has the shape [{}], [{}] was expected", like.name,
                            fmt::join(innermost_first, ", "), fmt::join(like.shape, ", ")));
  }
  const auto dtype = like.shape.size() == 2 ? tensor::Dtype::kQ8_0 : tensor::Dtype::kF32;
  formats::GgufTensorToWrite out{
      .name = like.name, .dtype = dtype, .shape = like.shape, .bytes = {}};
  DRAMATIS_TRY(out.bytes, kernels::quantise(widened(*found), dtype));
  return out;
}

Status copy_sizes(const formats::Gguf& like, formats::GgufWriter& to) {
  DRAMATIS_TRY(const auto architecture, like.text("general.architecture"));
  to.add_text("general.architecture", architecture);
  const std::string prefix = std::string(architecture) + ".";
  for (const auto& [key, value] : like.metadata()) {
    if (!key.starts_with(prefix)) continue;
    if (const auto* count = std::get_if<std::int64_t>(&value))
      to.add_u32(key, static_cast<std::uint32_t>(*count));
    if (const auto* number = std::get_if<double>(&value))
      to.add_f32(key, static_cast<float>(*number));
  }
  return {};
}

template <class T>
Result<const std::vector<T>*> array_of(const formats::Gguf& like, std::string_view key) {
  const formats::GgufValue* value = like.find(key);
  const auto* array = value == nullptr ? nullptr : std::get_if<formats::GgufArray>(value);
  const auto* typed = array == nullptr ? nullptr : std::get_if<std::vector<T>>(array);
  if (typed == nullptr)
    return fail(ErrorCode::kCorrupt, fmt::format("'{}' is missing or of another type", key));
  return typed;
}

// The pieces under names that mark no turn, so that a continuation goes on.
Status copy_pieces(const formats::Gguf& like, std::uint32_t begin, formats::GgufWriter& to) {
  DRAMATIS_TRY(const auto* tokens, array_of<std::string>(like, "tokenizer.ggml.tokens"));
  DRAMATIS_TRY(const auto* scores, array_of<double>(like, "tokenizer.ggml.scores"));
  DRAMATIS_TRY(const auto* types, array_of<std::int64_t>(like, "tokenizer.ggml.token_type"));
  constexpr std::int64_t kControl = 3;
  std::vector<std::string> names = *tokens;
  for (std::size_t n = 0; n < std::min(names.size(), types->size()); ++n) {
    if ((*types)[n] == kControl) names[n] = fmt::format("<mark-{}>", n);
  }
  to.add_text("tokenizer.ggml.model", "llama");
  to.add_texts("tokenizer.ggml.tokens", names);
  to.add_f32s("tokenizer.ggml.scores", std::vector<float>(scores->begin(), scores->end()));
  to.add_i32s("tokenizer.ggml.token_type", std::vector<std::int32_t>(types->begin(), types->end()));
  to.add_u32("tokenizer.ggml.bos_token_id", begin);
  to.add_bool("tokenizer.ggml.add_bos_token", true);
  to.add_bool("tokenizer.ggml.add_space_prefix", false);
  return {};
}

}  // namespace

Result<formats::Gguf> base_model(const formats::Safetensors& weights, const formats::Gguf& like,
                                 std::uint32_t begin) {
  formats::GgufWriter writer;
  DRAMATIS_DO(copy_sizes(like, writer));
  DRAMATIS_DO(copy_pieces(like, begin, writer));
  for (const auto& tensor : like.tensors()) {
    DRAMATIS_TRY(auto converted_tensor, converted(tensor, weights));
    writer.add_tensor(std::move(converted_tensor));
  }
  DRAMATIS_TRY(auto bytes, writer.finish());
  return formats::Gguf::parse(std::move(bytes));
}

}  // namespace dramatis::convert
