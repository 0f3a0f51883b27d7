// What the machinery of threads may hold.
#pragma once

#include <chrono>
#include <cstddef>

namespace dramatis::runtime {

// Compute threads of one pool: more than any CPU we were told of has; each is a stack.
constexpr std::size_t kMaxThreads = 512;
// Looks at the generation before a worker sleeps: about 50 microseconds, the gap between two sums
// of one token. Longer burns a core that somebody else may need, shorter pays a wake-up for each
// sum.
constexpr int kSpins = 1000;
// Sets of labels under one name of a metric: a large cast times a few endings. More than this and a
// scrape grows to megabytes.
constexpr std::size_t kMaxSeries = 1000;
// A label's value, such as the name of a model.
constexpr std::size_t kMaxLabelBytes = 128;
// Bounds of a histogram: each is a line in every scrape.
constexpr std::size_t kMaxBuckets = 64;

// A line of the log: what a pipe takes in one piece (PIPE_BUF).
constexpr std::size_t kMaxLogLineBytes = 4096;
// A name in it: a path of usual length.
constexpr std::size_t kMaxLogNameBytes = 200;
// Lines of one repeating warning or error within the window: enough to see that it repeats.
constexpr int kMaxRepeats = 5;
constexpr std::chrono::seconds kRepeatWindow{10};

}  // namespace dramatis::runtime
