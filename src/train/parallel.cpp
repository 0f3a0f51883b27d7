// Threads that take the next piece until none is left.
#include "train/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include <ATen/Parallel.h>
#include <dlfcn.h>

namespace dramatis::train {
namespace {

// BLAS keeps threads of its own, which would fight ours; only OpenBLAS has this switch.
void quiet_blas() {
  using SetThreads = void (*)(int);
  if (void* set = dlsym(RTLD_DEFAULT, "openblas_set_num_threads"))
    reinterpret_cast<SetThreads>(set)(1);
}

}  // namespace

std::size_t threads_at_once() {
  return std::max(1U, std::thread::hardware_concurrency());
}

void in_parallel(std::size_t count, const std::function<void(std::size_t)>& work) {
  static std::once_flag quieted;
  std::call_once(quieted, quiet_blas);
  std::atomic<std::size_t> next{0};
  std::exception_ptr fault;
  std::mutex fault_mutex;
  const auto take = [&] {
    at::set_num_threads(1);
    for (std::size_t n = next++; n < count; n = next++) {
      try {
        work(n);
      } catch (...) {
        const std::lock_guard lock(fault_mutex);
        fault = std::current_exception();
      }
    }
  };
  std::vector<std::jthread> others;
  for (std::size_t n = 1; n < threads_at_once(); ++n) others.emplace_back(take);
  take();
  others.clear();
  if (fault) std::rethrow_exception(fault);
}

}  // namespace dramatis::train
