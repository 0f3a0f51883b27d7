// How much memory passes take, before they are made.
#pragma once

#include <cstddef>

#include "train/network.h"

namespace dramatis::train {

// Bytes that tensors hold between the way there and the way back of passes that together read
// `tokens` positions, at the most: every position counts. With W = width, Q = heads R,
// K = kv_heads R, F = feed_forward, V = vocabulary, and n bytes to a number between operations
// (2 in bf16, 4 in f32), a position takes
//   in a layer   8 W (the residual stream, twice) + n (2 W + Q + F) (what matrices read)
//                + n (Q + 2 K + 2 F) (queries, keys, values, gate and up) + 4 rank for each
//                adapter; in f32 with dropout 8 for each number that an adapter reads, in place of
//                what matrices read
//   at the head  4 W + 2 n W + 4 R + 28, and n V where the head learns.
// kEverything: all layers and the head. kInputs: 4 W for each layer, one whole layer, and the head.
// Not counted, because it is the same in both: weights, gradients, and what an operation holds only
// while it runs (packed factors, scores, 64 rows of logits). Of Arithmetic::kPlain, which keeps
// whole matrices of scores as well, it is the figure of kF32.
[[nodiscard]] std::size_t pass_bytes(const Network& network, std::size_t tokens, Keep keep);

// Bytes of the gradients of one pass: of all that learns.
[[nodiscard]] std::size_t gradient_bytes(const Network& network);

}  // namespace dramatis::train
