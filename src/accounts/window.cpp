// Instants -> windows.
#include "accounts/window.h"

#include <algorithm>

namespace dramatis::accounts {

Window window_of(Meter meter, Instant now) {
  const std::chrono::milliseconds length = meter == Meter::kRequests
                                               ? std::chrono::milliseconds(std::chrono::minutes(1))
                                               : std::chrono::milliseconds(std::chrono::days(1));
  const auto whole = now.time_since_epoch() / length;
  const Instant begins{whole * length};
  return {.begins = begins, .ends = begins + length};
}

std::int64_t allowed_by(const Quota& quota, Meter meter) {
  switch (meter) {
    case Meter::kRequests:
      return quota.requests_per_minute;
    case Meter::kTokens:
      return quota.tokens_per_day;
    case Meter::kConversations:
      return quota.conversations_per_day;
  }
  return 0;
}

std::chrono::seconds retry_after(const Window& window, Instant now) {
  const auto left = std::chrono::ceil<std::chrono::seconds>(window.ends - now);
  return std::max(left, std::chrono::seconds(1));
}

}  // namespace dramatis::accounts
