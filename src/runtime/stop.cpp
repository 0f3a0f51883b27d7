// Asks the caller's token first, then the clock.
#include "runtime/stop.h"

namespace dramatis::runtime {

Status Stop::check() const {
  if (token.stop_requested()) return fail(ErrorCode::kCancelled, "The caller asked to stop.");
  if (deadline && std::chrono::steady_clock::now() >= *deadline) {
    return fail(ErrorCode::kDeadline, "The time allowed for the reply has passed.");
  }
  return {};
}

}  // namespace dramatis::runtime
