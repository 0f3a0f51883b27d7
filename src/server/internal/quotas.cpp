// Asks the keeper of keys.
#include "server/internal/quotas.h"

#include "accounts/limits.h"

namespace dramatis::server::internal {
namespace {

std::string_view used_up(accounts::Meter meter) {
  switch (meter) {
    case accounts::Meter::kRequests:
      return "This key's requests of this minute are used up.";
    case accounts::Meter::kTokens:
      return "This key's tokens of today are used up.";
    case accounts::Meter::kConversations:
      return "This key's conversations of today are used up.";
  }
  return "";
}

}  // namespace

std::optional<Failure> spend(accounts::Keys* keys, const Clock& clock, const Identity& who,
                             accounts::Meter meter, std::int64_t amount) {
  const std::int64_t limit = accounts::allowed_by(who.quota, meter);
  if (keys == nullptr || !who.key || limit == 0) return std::nullopt;
  const Instant now = clock.now();
  const accounts::Window window = accounts::window_of(meter, now);
  const auto spent =
      keys->spend(*who.key, {.meter = meter, .window = window, .amount = amount, .limit = limit});
  if (!spent) {
    if (spent.error().code != ErrorCode::kNotFound) return failure(spent.error());
    return Failure{.status = 401,
                   .members = {{"title", "A key is needed"},
                               {"status", 401},
                               {"code", "unauthorized"},
                               {"detail", "This key was revoked."}}};
  }
  if (spent->granted == accounts::Granted::kYes) return std::nullopt;
  return too_many_requests(used_up(meter), accounts::retry_after(window, now));
}

std::optional<Failure> TokenPurse::reserve(std::int64_t tokens) {
  if (api_.keys == nullptr || !who_.key || who_.quota.tokens_per_day == 0) return std::nullopt;
  window_ = accounts::window_of(accounts::Meter::kTokens, api_.with.clock.now());
  auto refused = spend(api_.keys, api_.with.clock, who_, accounts::Meter::kTokens, tokens);
  if (!refused) reserved_ = tokens;
  return refused;
}

TokenPurse::~TokenPurse() {
  if (reserved_ == 0 || reserved_ == spent_) return;
  // A store that does not answer now leaves the reserved sum as it is: nobody spends too much.
  static_cast<void>(api_.keys->spend(*who_.key, {.meter = accounts::Meter::kTokens,
                                                 .window = window_,
                                                 .amount = spent_ - reserved_,
                                                 .limit = accounts::kMaxQuota}));
}

}  // namespace dramatis::server::internal
