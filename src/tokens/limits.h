// What a foreign vocabulary may claim, and how long a text to encode may be.
#pragma once

#include <cstddef>

namespace dramatis::tokens {

// Tokens: twice the largest vocabulary in use (262 144); one alone can say nothing.
constexpr std::size_t kMinTokens = 2;
constexpr std::size_t kMaxTokens = 512 * 1024;
// A token as the file writes it: 128 spaces are 256 bytes, the longest in use.
constexpr std::size_t kMaxTokenBytes = 1024;
// Merges: twice the most in use (515 000).
constexpr std::size_t kMaxMerges = 1024 * 1024;
// A text: more than the longest book of a training corpus (2.2 MiB). One word of that length, the
// worst case, takes 45 bytes of memory for each of its own.
constexpr std::size_t kMaxEncodeBytes = 4 * 1024 * 1024;
// A tokenizer.json: twice the largest in use (Gemma 3's 33 MiB).
constexpr std::size_t kMaxTokenizerJsonBytes = 64 * 1024 * 1024;
// A tokenizer_config.json: Gemma 3's lists every added token again and has 1.1 MiB.
constexpr std::size_t kMaxTokenizerConfigBytes = 4 * 1024 * 1024;
// Ids without a token, between others or after the last: tables are padded to a multiple of 64 or
// 128, a few families leave some hundreds free; past this the file is damaged.
constexpr std::size_t kMaxFreeIds = 4096;
// A word that WordPiece cuts: ten times what every model in use allows; a word's time is the square
// of its length.
constexpr std::size_t kMaxWordPieceLetters = 1000;
// A foreign name as an error repeats it: enough to recognise it, short enough for a log line.
constexpr std::size_t kMaxShownBytes = 80;

}  // namespace dramatis::tokens
