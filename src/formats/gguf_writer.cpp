// Lays a GGUF file out: header, pairs, tensor list, then data at multiples of 32.
#include "formats/gguf_writer.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/bytes.h"

namespace dramatis::formats {
namespace {

// Kinds of values. Source: ggml/docs/gguf.md.
constexpr std::uint32_t kU32 = 4;
constexpr std::uint32_t kI32 = 5;
constexpr std::uint32_t kF32 = 6;
constexpr std::uint32_t kBool = 7;
constexpr std::uint32_t kText = 8;
constexpr std::uint32_t kArray = 9;
constexpr std::uint32_t kI64 = 11;
constexpr std::uint32_t kF64 = 12;
constexpr std::size_t kAlignment = 32;  // the format's default, so no key needs to tell it

void put_bytes(std::vector<std::byte>& out, std::span<const std::byte> bytes) {
  const auto at = static_cast<std::ptrdiff_t>(out.size());
  out.resize(out.size() + bytes.size());
  std::ranges::copy(bytes, out.begin() + at);
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

Status judge(const Gguf& back, std::string_view name, std::size_t given) {
  const auto* read = back.tensor(name);
  if (read != nullptr && read->bytes.size() == given) return {};
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("Tensor {} was given {} bytes; its shape needs {}.", name, given,
                          read == nullptr ? 0 : read->bytes.size()));
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

void GgufWriter::add_value(std::string_view key, const GgufValue& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) {
    if (std::in_range<std::uint32_t>(*whole))
      return add_u32(key, static_cast<std::uint32_t>(*whole));
    const bool is_short = std::in_range<std::int32_t>(*whole);
    begin_pair(key, is_short ? kI32 : kI64);
    is_short ? put(pairs_, static_cast<std::int32_t>(*whole)) : put(pairs_, *whole);
  } else if (const auto* number = std::get_if<double>(&value)) {
    const auto narrow = static_cast<float>(*number);
    if (static_cast<double>(narrow) == *number) return add_f32(key, narrow);
    begin_pair(key, kF64);
    put(pairs_, *number);
  } else if (const auto* truth = std::get_if<bool>(&value)) {
    add_bool(key, *truth);
  } else if (const auto* words = std::get_if<std::string>(&value)) {
    add_text(key, *words);
  } else {
    add_array(key, std::get<GgufArray>(value));
  }
}

void GgufWriter::add_array(std::string_view key, const GgufArray& array) {
  if (const auto* words = std::get_if<std::vector<std::string>>(&array))
    return add_texts(key, *words);
  begin_pair(key, kArray);
  if (const auto* whole = std::get_if<std::vector<std::int64_t>>(&array)) {
    const bool are_short =
        std::ranges::all_of(*whole, [](std::int64_t n) { return std::in_range<std::int32_t>(n); });
    put(pairs_, are_short ? kI32 : kI64);
    put<std::uint64_t>(pairs_, whole->size());
    for (const auto n : *whole) {
      are_short ? put(pairs_, static_cast<std::int32_t>(n)) : put(pairs_, n);
    }
  } else if (const auto* numbers = std::get_if<std::vector<double>>(&array)) {
    const bool are_short = std::ranges::all_of(
        *numbers, [](double x) { return static_cast<double>(static_cast<float>(x)) == x; });
    put(pairs_, are_short ? kF32 : kF64);
    put<std::uint64_t>(pairs_, numbers->size());
    for (const auto x : *numbers) {
      are_short ? put(pairs_, static_cast<float>(x)) : put(pairs_, x);
    }
  } else {
    const auto& truths = std::get<std::vector<bool>>(array);
    put(pairs_, kBool);
    put<std::uint64_t>(pairs_, truths.size());
    for (const bool truth : truths) put<std::uint8_t>(pairs_, truth ? 1 : 0);
  }
}

std::vector<std::byte> GgufWriter::lay_out_head() const {
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
  out.reserve(out.size() + offset + kAlignment);
  return out;
}

Result<std::vector<std::byte>> GgufWriter::finish() const {
  auto out = lay_out_head();
  for (const auto& tensor : tensors_) {
    pad(out);
    put_bytes(out, tensor.bytes);
  }
  pad(out);
  DRAMATIS_TRY(const auto back, Gguf::parse(out));
  for (const auto& tensor : tensors_) DRAMATIS_DO(judge(back, tensor.name, tensor.bytes.size()));
  return out;
}

Result<Gguf> GgufWriter::build() && {
  auto out = lay_out_head();
  std::vector<std::size_t> sizes;
  for (auto& tensor : tensors_) {
    pad(out);
    put_bytes(out, tensor.bytes);
    sizes.push_back(tensor.bytes.size());
    tensor.bytes = {};
  }
  pad(out);
  DRAMATIS_TRY(auto back, Gguf::parse(std::move(out)));
  for (std::size_t n = 0; n < sizes.size(); ++n)
    DRAMATIS_DO(judge(back, tensors_[n].name, sizes[n]));
  return back;
}

}  // namespace dramatis::formats
