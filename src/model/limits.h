// What a model may be, and what it may take.
#pragma once

#include <cstddef>

namespace dramatis::model {

// Llama 3 405B has 126; the same bound as llama.cpp's.
constexpr std::size_t kMaxLayers = 512;
// Llama 3 405B has 16384 and 53248.
constexpr std::size_t kMaxWidth = 32768;
constexpr std::size_t kMaxFfnWidth = 131072;
constexpr std::size_t kMaxHeads = 512;
constexpr std::size_t kMaxHeadWidth = 1024;
// The longest window that a Llama file states today is 10 million; what is computed is bounded
// below.
constexpr std::size_t kMaxContext = 16 * 1024 * 1024;
// Keys and values of one sequence: four times what SmolLM2-1.7B needs for its 8192 tokens in f16.
constexpr std::size_t kMaxCacheBytes = std::size_t{6} << 30;
// Tokens of one page of keys and values: what a prompt shares with another is shared in whole
// pages, and half a page is lost at the end of each sequence. A multiple of 4, the keys scored at
// once.
constexpr std::size_t kPageTokens = 16;
// Rows computed at once: weights are read once for all of them, and 64 rows of 512 rounded numbers
// stay in the second-level cache. A caller who wants to stop waits for one batch.
constexpr std::size_t kMaxBatchRows = 64;

}  // namespace dramatis::model
