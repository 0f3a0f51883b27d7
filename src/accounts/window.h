// What is counted, and from when to when: windows are cut from the clock, so that nobody's
// refusals make his own wait longer.
#pragma once

#include <chrono>
#include <cstdint>

#include "accounts/key.h"
#include "base/clock.h"

namespace dramatis::accounts {

enum class Meter { kRequests, kTokens, kConversations };

// [begins, ends): whole minutes or days (UTC).
struct Window {
  Instant begins{};
  Instant ends{};

  friend bool operator==(const Window&, const Window&) = default;
};

// The window of `meter` that holds `now`.
[[nodiscard]] Window window_of(Meter meter, Instant now);

// What `quota` allows in one window of `meter`; 0: all.
[[nodiscard]] std::int64_t allowed_by(const Quota& quota, Meter meter);

// Something that a key is about to spend, or (a negative amount) gives back.
struct Spending {
  Meter meter = Meter::kRequests;
  Window window{};          // window_of(meter, now); the same one for what is given back
  std::int64_t amount = 1;  // of requests, tokens, conversations
  std::int64_t limit = 0;   // the most in one window; more than 0
};

enum class Granted { kYes, kNo };

struct Allowance {
  Granted granted = Granted::kNo;
  std::int64_t left = 0;  // of the limit, after this
};

// How long a client waits for the next window, in whole seconds: 1 or more.
[[nodiscard]] std::chrono::seconds retry_after(const Window& window, Instant now);

}  // namespace dramatis::accounts
