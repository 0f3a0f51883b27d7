// A map from digests to keys. A digest is looked up, not a secret: how far a guess agrees with a
// digest tells nobody anything about the secret.
#include "accounts/ring.h"

#include "accounts/limits.h"

namespace dramatis::accounts {

Status KeyRing::refresh() const {
  const SteadyTime now = clock_.steady();
  if (read_at_ && now - *read_at_ < kRingAge) return {};
  DRAMATIS_TRY(const auto keys, keys_.list());
  by_digest_.clear();
  for (const Key& key : keys) by_digest_.emplace(key.digest, key);
  read_at_ = now;
  return {};
}

Result<std::optional<Key>> KeyRing::find(std::string_view secret) const {
  if (secret.empty() || secret.size() > kMaxSecretBytes) return std::nullopt;
  const std::string digest = digest_of(secret);
  const std::lock_guard lock(mutex_);
  DRAMATIS_DO(refresh());
  const auto found = by_digest_.find(digest);
  if (found == by_digest_.end() || !same_digest(found->first, digest)) return std::nullopt;
  return found->second;
}

Result<std::optional<Key>> KeyRing::find(KeyId id) const {
  const std::lock_guard lock(mutex_);
  DRAMATIS_DO(refresh());
  for (const auto& [digest, key] : by_digest_) {
    if (key.id == id) return key;
  }
  return std::nullopt;
}

Result<bool> KeyRing::empty() const {
  const std::lock_guard lock(mutex_);
  DRAMATIS_DO(refresh());
  return by_digest_.empty();
}

void KeyRing::forget() const {
  const std::lock_guard lock(mutex_);
  read_at_.reset();
}

}  // namespace dramatis::accounts
