// Where keys and what they spent are kept, behind one port. store/ implements it on disk,
// accounts/testing in memory.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "accounts/key.h"
#include "accounts/window.h"
#include "base/result.h"

namespace dramatis::accounts {

// Thread-safe; also among several servers on one database. Every change is whole and lasting when
// the call returns. A store that cannot answer is kUnavailable.
class Keys {
 public:
  Keys() = default;
  Keys(const Keys&) = delete;
  Keys& operator=(const Keys&) = delete;
  virtual ~Keys() = default;

  // kConflict for a taken id or digest, kOverBudget past kMaxKeys.
  [[nodiscard]] virtual Status add(const Key& key) = 0;
  // Nothing where no key has this digest.
  [[nodiscard]] virtual Result<std::optional<Key>> find(std::string_view digest) const = 0;
  // In the order in which they were added.
  [[nodiscard]] virtual Result<std::vector<Key>> list() const = 0;
  // With what it spent. kNotFound where no key has this id.
  [[nodiscard]] virtual Status revoke(KeyId id) = 0;

  // Spends in one step, so that a hundred callers at once pass no limit: all of the amount, or
  // (past the limit) none of it. A new window begins at 0 and forgets the old one; a spending in a
  // window older than the newest (a server whose clock is late) counts in the newest. What is given
  // back is always granted, never makes less than 0, and changes nothing once its window is over.
  // kNotFound where no key has this id.
  [[nodiscard]] virtual Result<Allowance> spend(KeyId id, const Spending& spending) = 0;
};

// The errors that every implementation gives alike.
[[nodiscard]] Error no_such(KeyId id);
[[nodiscard]] Error too_many_keys();

}  // namespace dramatis::accounts
