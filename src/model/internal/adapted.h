// The seven matrices that adapters know: their names and sizes; and the addition itself.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "model/adapter.h"
#include "model/internal/forward_pass.h"

namespace dramatis::model::internal {

// Rows and columns of one of the matrices.
struct MatrixSize {
  std::size_t rows;
  std::size_t columns;
};
[[nodiscard]] MatrixSize size_of(const ModelConfig& config, Adapted which);

// "attn_q", as in GGUF files.
[[nodiscard]] std::string_view name_of(Adapted which);

// Which half of a pair a tensor is.
enum class LoraHalf { kA, kB };

// What a tensor of an adapter is for.
struct LoraPlace {
  std::size_t layer;
  Adapted which;
  LoraHalf half;
};

// "blk.3.attn_q.weight.lora_a"; nothing for any other name.
[[nodiscard]] std::optional<LoraPlace> place_of_gguf(std::string_view name);
// "base_model.model.model.layers.3.self_attn.q_proj.lora_A.weight"; nothing for any other name.
[[nodiscard]] std::optional<LoraPlace> place_of_peft(std::string_view name);

// out[t] += the additions of row t's adapters to W x[t], in their order: scale * (B (A x)), all in
// f32. Shapes: x [T, columns of W], out [T, rows of W]. Throws std::bad_alloc.
void add_adapters(const PassInputs& in, std::size_t l, Adapted which, std::span<const float> x,
                  std::span<float> out);

}  // namespace dramatis::model::internal
