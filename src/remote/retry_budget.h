// Requests earn a share of a retry each; a retry costs one. So a service in trouble is asked little
// more often than one that is well.
#pragma once

#include <algorithm>

#include "remote/limits.h"
#include "runtime/mutex.h"

namespace dramatis::remote {

// Thread-safe.
class RetryBudget {
 public:
  void earn() {
    const runtime::Lock lock(mutex_);
    left_ = std::min(left_ + kRetryShare, kRetryReserve);
  }
  // Whether there was one left.
  [[nodiscard]] bool spend() {
    const runtime::Lock lock(mutex_);
    if (left_ < 1) return false;
    left_ -= 1;
    return true;
  }

 private:
  runtime::Mutex mutex_;
  double left_ DRAMATIS_GUARDED_BY(mutex_) = kRetryReserve;
};

}  // namespace dramatis::remote
