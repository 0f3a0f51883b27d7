// Host names -> addresses, on threads that a caller need not wait for.
#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace dramatis::remote {

// getaddrinfo cannot be interrupted, so each lookup runs on a detached thread that owns all it
// touches; who asked leaves when told to. Thread-safe.
class Lookup {
 public:
  Lookup();

  // Addresses in numbers, in the resolver's order. Numbers come back at once.
  // Errors: kUnavailable, kDeadline, kCancelled.
  [[nodiscard]] Result<std::vector<std::string>> find(const std::string& host, SteadyTime until,
                                                      std::stop_token stop) const;

 private:
  struct Running;
  // Owned by this object and by every lookup under way; the last of them frees it.
  std::shared_ptr<Running> running_;
};

}  // namespace dramatis::remote
