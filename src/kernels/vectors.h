// Sums over vectors of f32 that belong to no matrix: norm, softmax, rotation, gate, addition.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace dramatis::kernels {

// Order of every reduction here and in attention.h: 16 lanes, lane n % 16 takes element n by one
// fused multiply-add, missing elements are 0; then lane n takes lane n + 8, n + 4, n + 2, n + 1. So
// scalar, AVX2 and AVX-512 agree bit for bit, and a result depends neither on threads nor on
// neighbours. (Machines without fused multiply-add round twice and differ in the last bits.)
constexpr std::size_t kLanes = 16;

// out[n] = x[n] / sqrt(mean(x^2) + epsilon) * weight[n].
// Shapes: x, weight, out [D]; out may be x. Checked: equal lengths, D > 0. Threads: any.
// Source: Zhang & Sennrich 2019, "Root Mean Square Layer Normalization", equation 4.
void rms_norm(std::span<const float> x, std::span<const float> weight, float epsilon,
              std::span<float> out);

// x[n] = exp(x[n] - max) / sum(exp(x - max)), in place; all NaN where one is not finite. Checked:
// not empty. Threads: any.
void softmax(std::span<float> x);

// Rotates the pairs (x[2i], x[2i + 1]) by the angle whose cosine and sine are given.
// Shapes: x [R], cos, sin [R / 2]. Checked. Threads: any.
// Source: Su et al. 2021, "RoFormer", equation 34; pairs are neighbours, as in GGUF files of Llama.
void rope(std::span<float> x, std::span<const float> cos, std::span<const float> sin);

// The same of the pairs (x[i], x[i + R / 2]): the order of GGUF files of most other families, which
// the GPT-NeoX code began.
void rope_halves(std::span<float> x, std::span<const float> cos, std::span<const float> sin);

// out[n] = gate[n] / (1 + exp(-gate[n])) * up[n]. Shapes: all [F]; out may be gate. Checked.
// Threads: any. Source: Shazeer 2020, "GLU Variants Improve Transformer", SwiGLU.
void silu_mul(std::span<const float> gate, std::span<const float> up, std::span<float> out);

// out[n] = gelu(gate[n]) * up[n] with gelu(x) = x / (1 + exp(-2 sqrt(2 / pi) (x + 0.044715 x^3))),
// which is x (1 + tanh(...)) / 2. Shapes: all [F]; out may be gate. Checked. Threads: any.
// Source: Hendrycks & Gimpel 2016, "Gaussian Error Linear Units", section 2; Shazeer 2020, GEGLU.
void gelu_mul(std::span<const float> gate, std::span<const float> up, std::span<float> out);

// x[n] = cap * tanh(x[n] / cap); what is not finite becomes NaN, so that it is found at the end.
// Checked: cap > 0. Threads: any. Source: Gemma Team 2024, "Gemma 2", section 2, logit
// soft-capping.
void soft_cap(std::span<float> x, float cap);

// x[n] *= factor. Threads: any.
void scale(std::span<float> x, float factor);

// x[n] += y[n]. Checked: equal lengths. Threads: any.
void add(std::span<const float> y, std::span<float> x);

// out[n] = x[n] as binary16, to nearest, ties to even; what is too large becomes infinite.
// Checked: equal lengths. Threads: any.
void narrow(std::span<const float> x, std::span<std::uint16_t> out);

// The Q8_0 blocks of x: scale = max |x| of 32 numbers / 127 as binary16, integers to nearest, ties
// to even. A block with a number that is not finite becomes zeros with the scale NaN, so that it is
// found at the end. Shapes: x [D], out 34 bytes for each 32. Checked: whole blocks. Threads: any.
void narrow_q8(std::span<const float> x, std::span<std::byte> out);

}  // namespace dramatis::kernels
