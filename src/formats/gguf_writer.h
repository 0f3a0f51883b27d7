// Metadata and tensors -> the bytes of a GGUF version 3 file, in the types which other readers
// expect.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "formats/gguf.h"
#include "tensor/dtype.h"

namespace dramatis::formats {

// A tensor to be written; `shape` is innermost first, as in the file.
struct GgufTensorToWrite {
  std::string name;
  tensor::Dtype dtype;
  std::vector<std::size_t> shape;
  std::vector<std::byte> bytes;
};

// Pairs and tensors keep the order in which they were added. Conventions of readers: counts and
// token ids are u32, epsilons and bases f32, token types i32, scores f32. One thread at a time.
class GgufWriter {
 public:
  void add_u32(std::string_view key, std::uint32_t value);
  void add_f32(std::string_view key, float value);
  void add_bool(std::string_view key, bool value);
  void add_text(std::string_view key, std::string_view value);
  void add_i32s(std::string_view key, std::span<const std::int32_t> values);
  void add_f32s(std::string_view key, std::span<const float> values);
  void add_texts(std::string_view key, std::span<const std::string> values);
  // A pair of another file, in the narrowest type that holds it exactly: u32 before i32 and i64,
  // f32 before f64.
  void add_value(std::string_view key, const GgufValue& value);
  void add_tensor(GgufTensorToWrite tensor) { tensors_.push_back(std::move(tensor)); }

  // The whole file; read back by Gguf::parse before it is handed out, so that what cannot be read
  // is never written. Errors: those of Gguf::parse, kInvalidArgument where bytes and shape
  // disagree.
  [[nodiscard]] Result<std::vector<std::byte>> finish() const;
  // The same file, parsed; lets go of each tensor as it is laid out, so that a large model is in
  // memory once. Errors: as finish.
  [[nodiscard]] Result<Gguf> build() &&;

 private:
  void begin_pair(std::string_view key, std::uint32_t kind);
  void add_array(std::string_view key, const GgufArray& array);
  [[nodiscard]] std::vector<std::byte> lay_out_head() const;

  std::vector<std::byte> pairs_;
  std::uint64_t pair_count_ = 0;
  std::vector<GgufTensorToWrite> tensors_;
};

}  // namespace dramatis::formats
