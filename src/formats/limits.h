// What a foreign file may claim.
#pragma once

#include <cstddef>

namespace dramatis::formats {

// A model file: twice what the largest model that fits in 2 GB of memory takes.
constexpr std::size_t kMaxGgufBytes = std::size_t{4} << 30;
// A metadata key: those in use have at most 60 bytes.
constexpr std::size_t kMaxGgufKeyBytes = 64 * 1024;
// Pairs of metadata: files in use have 20 to 60; each costs us about 100 bytes.
constexpr std::size_t kMaxGgufPairs = 64 * 1024;
// Elements of all arrays together: 262 144 tokens with scores, types and 515 000 merges are 1.3
// million.
constexpr std::size_t kMaxGgufElements = 2 * 1024 * 1024;
// Tensors: 126 layers of 12 tensors are 1512.
constexpr std::size_t kMaxGgufTensors = 64 * 1024;
// A tensor's name, as in ggml (GGML_MAX_NAME less its terminator).
constexpr std::size_t kMaxGgufTensorNameBytes = 63;
// Dimensions of a tensor, as in ggml.
constexpr std::size_t kMaxGgufDims = 4;
// Where data begins: 32 by default; the format asks for a multiple of 8, no file needs more than a
// huge page.
constexpr std::size_t kMinGgufAlignment = 8;
constexpr std::size_t kMaxGgufAlignment = 2 * 1024 * 1024;
// Oddities told apart; the rest are counted.
constexpr std::size_t kMaxGgufWarnings = 16;

// The header of the largest public shards has about 100 KiB; the JSON reader's own limit is 8 MiB.
constexpr std::size_t kMaxSafetensorsHeader = 8 * 1024 * 1024;
// The name of a tensor: those in use have at most 120 bytes.
constexpr std::size_t kMaxSafetensorsNameBytes = 1024;
// One file of a model that fits the memory Dramatis is made for.
constexpr std::size_t kMaxSafetensorsBytes = std::size_t{16} * 1024 * 1024 * 1024;
// The weights of an adapter: rank 256 on all matrices of a model of 1.7 billion parameters in f32
// takes 1.1 GB; those in use have 10 to 200 MB.
constexpr std::size_t kMaxAdapterBytes = std::size_t{1280} * 1024 * 1024;
// Its adapter_config.json: those in use have about 1 KiB, and list at most all modules.
constexpr std::size_t kMaxPeftConfigBytes = 1024 * 1024;
// Numbers between the two matrices of an adapter; from 512 on full training costs less.
constexpr std::size_t kMaxLoraRank = 1024;
// No tensor of a language model has more dimensions.
constexpr std::size_t kMaxSafetensorsRank = 8;

}  // namespace dramatis::formats
