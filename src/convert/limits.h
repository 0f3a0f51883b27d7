// What a folder of weights and a conversion may cost.
#pragma once

#include <cstddef>

namespace dramatis::convert {

// config.json: the longest in use have 10 KiB.
constexpr std::size_t kMaxConfigBytes = 1024 * 1024;
// The list of which file holds which tensor: the largest public models have 200 KiB.
constexpr std::size_t kMaxIndexBytes = 8 * 1024 * 1024;
// Files of one model: those that fit in memory have less than ten.
constexpr std::size_t kMaxShards = 256;
// Threads that quantise.
constexpr std::size_t kMaxThreads = 64;

}  // namespace dramatis::convert
