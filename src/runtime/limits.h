// What the machinery of threads may hold.
#pragma once

#include <cstddef>

namespace dramatis::runtime {

// Compute threads of one pool: more than any CPU we were told of has; each is a stack.
constexpr std::size_t kMaxThreads = 512;
// Looks at the generation before a worker sleeps: about 50 microseconds, the gap between two sums
// of one token. Longer burns a core that somebody else may need, shorter pays a wake-up for each
// sum.
constexpr int kSpins = 1000;

}  // namespace dramatis::runtime
