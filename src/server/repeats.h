// Answers to requests that carried an Idempotency-Key: a client that asks again gets the same
// answer, and nothing is made twice.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "server/http.h"

namespace dramatis::server {

// Thread-safe. In memory, for kRepeatTime: what is retried is retried soon.
class Repeats {
 public:
  explicit Repeats(const Clock& clock) : clock_(clock) {}

  // Nothing: it is the first, and finish() or give_up() follows. Else its answer; or 409 where the
  // first is still under way, or where the same key came with another request.
  [[nodiscard]] std::optional<Response> begin(const std::string& key, std::string_view digest);
  void finish(const std::string& key, const Response& response);
  // It failed in a way that another try may mend.
  void give_up(const std::string& key);

 private:
  struct Entry {
    std::string digest{};
    std::optional<Response> response{};
    SteadyTime begun{};
  };

  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Entry, std::less<>> entries_;  // guarded by mutex_
};

}  // namespace dramatis::server
