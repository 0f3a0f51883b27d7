// What a safetensors file may cost.
#pragma once

#include <cstddef>

namespace dramatis::formats {

// The header of the largest public shards has about 100 KiB; the JSON reader's own limit is 8 MiB.
constexpr std::size_t kMaxSafetensorsHeader = 8 * 1024 * 1024;
// One file of a model that fits the memory Dramatis is made for.
constexpr std::size_t kMaxSafetensorsBytes = std::size_t{16} * 1024 * 1024 * 1024;
// No tensor of a language model has more dimensions.
constexpr std::size_t kMaxSafetensorsRank = 8;

}  // namespace dramatis::formats
