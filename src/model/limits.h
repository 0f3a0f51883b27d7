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
// Models up to this size round their activations twice (kernels/matmul.h): they are often undecided
// between two words, and 8 bits of activations decide otherwise than 16 in one reply of six
// (hearth, 7 million). Their weights lie in the caches, where a second product is cheap; those of
// the next larger ones in use (SmolLM2, 135 million) do not.
constexpr std::size_t kFineParameters = 32'000'000;

// An encoder's tokens: twice the largest vocabulary of its kind (multilingual E5 and BGE, 250 002).
constexpr std::size_t kMaxEncoderVocabulary = 512 * 1024;
// An encoder's longest text: the longest windows of the BERT family have 8192 tokens.
constexpr std::size_t kMaxEncoderContext = 8192;
// Kinds of text in one encoding: BERT has 2.
constexpr std::size_t kMaxEncoderTypes = 16;
// Tokens that an encoder computes together: weights are read from memory once for all of them, and
// 128 rows of 1536 numbers stay in a second-level cache of 1 MiB. Fewer than 16 would read the
// weights too often to be worth another thread.
constexpr std::size_t kMaxEncoderRows = 128;
constexpr std::size_t kMinEncoderRows = 16;
// Of an adapter, and of how much of it a caller wants: authors use 0.5 to 4, and 16 leaves room for
// rsLoRA. Beyond it the addition drowns the model.
constexpr double kMaxAdapterScale = 16;
// A character's voice, a mood and a manner are three; each costs about a twentieth of the model.
constexpr std::size_t kMaxAdaptersOfRow = 8;

}  // namespace dramatis::model
