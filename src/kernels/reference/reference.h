// The kernels as plain loops: what the fast ones must agree with. Same contracts, same order of
// sums.
#pragma once

#include "kernels/attention.h"
#include "kernels/internal/unpacked.h"
#include "kernels/matmul.h"
#include "kernels/vectors.h"

namespace dramatis::kernels::reference {

[[nodiscard]] float exp(float x);
[[nodiscard]] float dot(std::span<const float> x, std::span<const float> y);

void rms_norm(std::span<const float> x, std::span<const float> weight, float epsilon,
              std::span<float> out);
void softmax(std::span<float> x);
void rope(std::span<float> x, std::span<const float> cos, std::span<const float> sin);
void silu_mul(std::span<const float> gate, std::span<const float> up, std::span<float> out);
void rope_halves(std::span<float> x, std::span<const float> cos, std::span<const float> sin);
void gelu_mul(std::span<const float> gate, std::span<const float> up, std::span<float> out);
void soft_cap(std::span<float> x, float cap);
void scale(std::span<float> x, float factor);
void add(std::span<const float> y, std::span<float> x);

void attend(const HeadView& head, KvWindow seen, std::span<float> scores, std::span<float> out);

void round_row(std::span<const float> x, std::span<std::int8_t> rounded, std::span<float> scales);
void round_rest(std::span<const float> x, const RoundedRow& row, std::span<std::int8_t> rounded,
                std::span<float> scales);
void matmul(const tensor::MatrixView& weights, RowRange range, const Activations& x,
            std::span<float> out);
void unpack_row(const tensor::MatrixView& weights, std::size_t r, std::span<float> out);

// A row of a block format as integers of a byte with scales. Shapes: bytes of one row of D numbers,
// and what internal/unpacked.h says. Threads: any. Source: ggml-quants.c `dequantize_row_*`.
void unpack_blocks(tensor::Dtype dtype, std::span<const std::byte> bytes,
                   const internal::UnpackedRow& out);

}  // namespace dramatis::kernels::reference
