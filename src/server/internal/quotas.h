// What a caller may still spend today.
#pragma once

#include <optional>

#include "accounts/window.h"
#include "base/clock.h"
#include "server/api.h"
#include "server/identity.h"
#include "server/problem.h"

namespace dramatis::server::internal {

// Spends `amount` of the caller's quota, or tells why not: 429 with the time to wait, 401 for a key
// that was revoked. Callers without a quota spend nothing.
[[nodiscard]] std::optional<Failure> spend(accounts::Keys* keys, const Clock& clock,
                                           const Identity& who, accounts::Meter meter,
                                           std::int64_t amount = 1);

// Tokens of a turn: reserved before it, settled after it. One thread at a time.
class TokenPurse {
 public:
  // Both outlive the purse.
  TokenPurse(const Api& api, const Identity& who) : api_(api), who_(who) {}

  // So many are set aside; past the quota the turn is refused.
  [[nodiscard]] std::optional<Failure> reserve(std::int64_t tokens);
  // So many were spent, prompt and reply. Those of a prompt, which nobody knew before, are counted
  // even past the quota; without a call all that was reserved is given back.
  void settle(std::int64_t tokens) { spent_ = tokens; }
  TokenPurse(const TokenPurse&) = delete;
  TokenPurse& operator=(const TokenPurse&) = delete;
  ~TokenPurse();

 private:
  const Api& api_;
  const Identity& who_;
  accounts::Window window_{};
  std::int64_t reserved_ = 0;
  std::int64_t spent_ = 0;
};

}  // namespace dramatis::server::internal
