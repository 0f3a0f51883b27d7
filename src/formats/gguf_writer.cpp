// Lays a GGUF file out: header, pairs, tensor list, then data at multiples of 32.
#include "formats/gguf_writer.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "formats/gguf.h"

namespace dramatis::formats {
namespace {

// Kinds of values. Source: ggml/docs/gguf.md.
constexpr std::uint32_t kU32 = 4;
constexpr std::uint32_t kI32 = 5;
constexpr std::uint32_t kF32 = 6;
constexpr std::uint32_t kBool = 7;
constexpr std::uint32_t kText = 8;
constexpr std::uint32_t kArray = 9;
constexpr std::size_t kAlignment = 32;  // the format's default, so no key needs to tell it

void put_bytes(std::vector<std::byte>& out, std::span<const std::byte> bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}
template <class T>
void put(std::vector<std::byte>& out, T value) {
  put_bytes(out, std::as_bytes(std::span(&value, 1)));
}
void put_text(std::vector<std::byte>& out, std::string_view text) {
  put<std::uint64_t>(out, text.size());
  put_bytes(out, as_bytes(text));
}
void pad(std::vector<std::byte>& out) {
  out.resize((out.size() + kAlignment - 1) / kAlignment * kAlignment);
}
void put_listed(std::vector<std::byte>& out, const GgufTensorToWrite& tensor,
                std::uint64_t offset) {
  put_text(out, tensor.name);
  put(out, static_cast<std::uint32_t>(tensor.shape.size()));
  for (const auto length : tensor.shape) put<std::uint64_t>(out, length);
  put(out, tensor::dtype_row(tensor.dtype).ggml_id);
  put(out, offset);
}

}  // namespace

void GgufWriter::begin_pair(std::string_view key, std::uint32_t kind) {
  put_text(pairs_, key);
  put(pairs_, kind);
  ++pair_count_;
}

void GgufWriter::add_u32(std::string_view key, std::uint32_t value) {
  begin_pair(key, kU32);
  put(pairs_, value);
}

void GgufWriter::add_f32(std::string_view key, float value) {
  begin_pair(key, kF32);
  put(pairs_, value);
}

void GgufWriter::add_bool(std::string_view key, bool value) {
  begin_pair(key, kBool);
  put<std::uint8_t>(pairs_, value ? 1 : 0);
}

void GgufWriter::add_text(std::string_view key, std::string_view value) {
  begin_pair(key, kText);
  put_text(pairs_, value);
}

void GgufWriter::add_i32s(std::string_view key, std::span<const std::int32_t> values) {
  begin_pair(key, kArray);
  put(pairs_, kI32);
  put<std::uint64_t>(pairs_, values.size());
  put_bytes(pairs_, std::as_bytes(values));
}

void GgufWriter::add_f32s(std::string_view key, std::span<const float> values) {
  begin_pair(key, kArray);
  put(pairs_, kF32);
  put<std::uint64_t>(pairs_, values.size());
  put_bytes(pairs_, std::as_bytes(values));
}

void GgufWriter::add_texts(std::string_view key, std::span<const std::string> values) {
  begin_pair(key, kArray);
  put(pairs_, kText);
  put<std::uint64_t>(pairs_, values.size());
  for (const auto& value : values) put_text(pairs_, value);
}

Result<std::vector<std::byte>> GgufWriter::finish() const {
  std::vector<std::byte> out;
  put_bytes(out, as_bytes("GGUF"));
  put<std::uint32_t>(out, 3);
  put<std::uint64_t>(out, tensors_.size());
  put<std::uint64_t>(out, pair_count_);
  put_bytes(out, pairs_);
  std::uint64_t offset = 0;
  for (const auto& tensor : tensors_) {
    put_listed(out, tensor, offset);
    offset += (tensor.bytes.size() + kAlignment - 1) / kAlignment * kAlignment;
  }
  for (const auto& tensor : tensors_) {
    pad(out);
    put_bytes(out, tensor.bytes);
  }
  pad(out);

  DRAMATIS_TRY(const auto back, Gguf::parse(out));
  for (const auto& tensor : tensors_) {
    const auto* read = back.tensor(tensor.name);
    if (read == nullptr || read->bytes.size() != tensor.bytes.size()) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("Tensor {} was given {} bytes; its shape needs {}.", tensor.name,
                              tensor.bytes.size(), read == nullptr ? 0 : read->bytes.size()));
    }
  }
  return out;
}

}  // namespace dramatis::formats
