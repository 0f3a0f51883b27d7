// Work on all cores, each thread on a piece of its own.
#pragma once

#include <cstddef>
#include <functional>

namespace dramatis::train {

// From how many threads in_parallel calls.
[[nodiscard]] std::size_t threads_at_once();

// Calls `work` with 0 ... count-1, each once, from as many threads as the machine has cores;
// returns when all are done. libtorch and BLAS run single-threaded inside. What `work` throws is
// thrown here.
void in_parallel(std::size_t count, const std::function<void(std::size_t)>& work);

}  // namespace dramatis::train
