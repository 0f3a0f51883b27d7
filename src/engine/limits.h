// What the engine holds beside the model.
#pragma once

#include <cstddef>

namespace dramatis::engine {

// Callers at the model, the one who is served included: at two seconds a reply the last waits four
// minutes, longer than any deadline we set.
constexpr std::size_t kMaxCallers = 128;
// Prompts whose keys and values are kept. Each search compares all of them with the new prompt.
constexpr std::size_t kMaxPrefixes = 64;
// Memory for them when nothing else is asked: 8000 tokens of a model with 8 layers of 256 numbers.
constexpr std::size_t kDefaultPrefixBytes = 64 * 1024 * 1024;
// Context when nothing else is asked, or the model's own where that is shorter: a persona, a long
// talk and a reply.
constexpr std::size_t kDefaultContext = 4096;
// A chat template: the longest in use has 20 KiB.
constexpr std::size_t kMaxTemplateBytes = 64 * 1024;

// A JSON file of an encoder's folder: ten times the longest in use.
constexpr std::size_t kMaxEncoderJsonBytes = 64 * 1024;
// A foreign word as an error repeats it.
constexpr std::size_t kMaxShownBytes = 80;

}  // namespace dramatis::engine
