// What a foreign chat template may cost.
#pragma once

#include <cstddef>

namespace dramatis::render {

// It is searched, never executed; the longest in use (with tools) have 8 KiB.
constexpr std::size_t kMaxTemplateBytes = 64 * 1024;
// Blocks of one prompt: a context of 128 000 tokens filled with lines of 30.
constexpr std::size_t kMaxMessages = 4096;

}  // namespace dramatis::render
