// What one request to a language model may ask for.
#pragma once

#include <cstddef>

namespace dramatis::lm {

// A reply: ten pages; a character that speaks longer has lost its thread.
constexpr int kMaxReplyTokens = 8192;
// The penalty looks back this far at most; past it, every common word would be punished.
constexpr int kMaxRepetitionWindow = 4096;
// DRY looks back this far at most: a long talk. Each token costs one pass over as many.
constexpr int kMaxDryRange = 8192;
// A repetition that may be as long as this is as good as unpunished.
constexpr int kMaxDryAllowedLength = 1000;
// As many as any client we know sends (OpenAI allows 4, KoboldAI front ends about 10).
constexpr std::size_t kMaxStopStrings = 16;
// Text held back while streaming is as long as the longest stop string.
constexpr std::size_t kMaxStopBytes = 256;
// Texts of one embed: OpenAI takes 2048; their vectors of 1,024 numbers are 8 MiB.
constexpr std::size_t kMaxEmbedTexts = 2048;

// A grammar or a JSON Schema: ten times the longest in use.
constexpr std::size_t kMaxGrammarBytes = 64 * 1024;

}  // namespace dramatis::lm
