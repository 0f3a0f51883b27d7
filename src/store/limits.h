// What a database may cost.
#pragma once

#include <cstdint>

namespace dramatis::store {

// A writer waits this long for another process (the terminal beside the service): a hundred times a
// commit on a slow disk.
constexpr int kBusyMilliseconds = 5000;
// A database up to this size is checked page by page at start: under a second. A larger one would
// keep its owner waiting; its pages are checked as they are read.
constexpr std::uintmax_t kMaxCheckedBytes = 64 * 1024 * 1024;

}  // namespace dramatis::store
