// What the folder of a training run may cost whoever reads it.
#pragma once

#include <chrono>
#include <cstddef>

namespace dramatis::runs {

// The log of one run: a line of 300 bytes for each of 800,000 updates.
constexpr std::size_t kMaxLogBytes = std::size_t{256} << 20;
// One line of it: an evaluation has five samples of at most 48 tokens as a rule; a longer line is
// passed over.
constexpr std::size_t kMaxLineBytes = std::size_t{256} * 1024;
// Samples of one evaluation: five are usual.
constexpr std::size_t kMaxSamples = 32;
// Read from the disk at once.
constexpr std::size_t kBlockBytes = std::size_t{64} * 1024;
// Entries of one page of a log: 2000 updates are 300 KB of JSON; the reader asks for the next page.
constexpr std::size_t kMaxPageEntries = 2000;
// The letters of such a page: evaluations with long samples are fewer on it.
constexpr std::size_t kMaxPageBytes = std::size_t{2} * 1024 * 1024;
// A result.json: a few samples, and 60 bytes for each evaluation.
constexpr std::size_t kMaxFactsBytes = std::size_t{4} * 1024 * 1024;
// Runs that are listed, the newest; and entries of the folder that are looked at for them.
constexpr std::size_t kMaxRunsListed = 100;
constexpr std::size_t kMaxFolderEntries = 5000;
// After which a run whose log does not grow counts as quiet: an update of a large model takes
// seconds, its evaluation with samples minutes.
constexpr std::chrono::minutes kQuietAfter{10};

}  // namespace dramatis::runs
