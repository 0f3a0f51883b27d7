// Who calls: what the caller may do, and for whom.
#pragma once

#include <optional>

#include "accounts/key.h"
#include "base/ids.h"

namespace dramatis::server {

struct Identity {
  accounts::Role role = accounts::Role::kOwner;
  std::optional<UserId> user{};          // the one player for whom a player's key speaks
  std::optional<accounts::KeyId> key{};  // nothing: without keys, or the key of the settings
  accounts::Quota quota{};

  // A player's key reaches what is this player's; others reach everybody's.
  [[nodiscard]] bool may_reach(UserId whose) const { return !user || *user == whose; }
  // Thoughts, secrets and how a reply came about are for those who write characters.
  [[nodiscard]] bool sees_thoughts() const { return role != accounts::Role::kPlayer; }
};

}  // namespace dramatis::server
