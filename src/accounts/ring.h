// The keys of a service as its gate knows them: all in memory, read again when they are old.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "accounts/keys.h"
#include "base/clock.h"

namespace dramatis::accounts {

// Thread-safe. A stranger's guesses never reach the database.
class KeyRing {
 public:
  // Both outlive the ring.
  KeyRing(const Keys& keys, const Clock& clock) : keys_(keys), clock_(clock) {}

  // The key that `secret` opens; nothing where there is none. What was added or revoked elsewhere
  // is seen within kRingAge. Errors: those of Keys::list().
  [[nodiscard]] Result<std::optional<Key>> find(std::string_view secret) const;
  // The key with this id, likewise: whether what was once let in may stay.
  [[nodiscard]] Result<std::optional<Key>> find(KeyId id) const;
  // Whether there is any key at all.
  [[nodiscard]] Result<bool> empty() const;
  // The next question reads the keys again: for whoever changed them here.
  void forget() const;

 private:
  [[nodiscard]] Status refresh() const;  // under mutex_

  const Keys& keys_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  mutable std::map<std::string, Key, std::less<>> by_digest_;  // guarded by mutex_
  mutable std::optional<SteadyTime> read_at_;                  // likewise
};

}  // namespace dramatis::accounts
