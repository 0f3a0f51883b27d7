// Keys in memory, for tests: forgets everything when it dies.
#pragma once

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "accounts/keys.h"
#include "accounts/limits.h"

namespace dramatis::accounts::testing {

// Thread-safe.
class MemoryKeys final : public Keys {
 public:
  [[nodiscard]] Status add(const Key& key) override {
    const std::lock_guard lock(mutex_);
    for (const Key& other : keys_) {
      if (other.id == key.id || other.digest == key.digest)
        return fail(ErrorCode::kConflict, "The id or the digest is taken.");
    }
    if (keys_.size() == kMaxKeys) return tl::unexpected(too_many_keys());
    keys_.push_back(key);
    return {};
  }
  [[nodiscard]] Result<std::optional<Key>> find(std::string_view digest) const override {
    const std::lock_guard lock(mutex_);
    for (const Key& key : keys_) {
      if (same_digest(key.digest, digest)) return key;
    }
    return std::nullopt;
  }
  [[nodiscard]] Result<std::vector<Key>> list() const override {
    const std::lock_guard lock(mutex_);
    return keys_;
  }
  [[nodiscard]] Status revoke(KeyId id) override {
    const std::lock_guard lock(mutex_);
    if (std::erase_if(keys_, [id](const Key& key) { return key.id == id; }) == 0)
      return tl::unexpected(no_such(id));
    std::erase_if(spent_, [id](const auto& entry) { return entry.first.first == id; });
    return {};
  }
  [[nodiscard]] Result<Allowance> spend(KeyId id, const Spending& spending) override {
    const std::lock_guard lock(mutex_);
    if (!std::ranges::any_of(keys_, [id](const Key& key) { return key.id == id; }))
      return tl::unexpected(no_such(id));
    Spent& spent = spent_[{id, spending.meter}];
    const bool is_over = spending.window.begins < spent.begins;
    if (spending.window.begins > spent.begins) spent = {.begins = spending.window.begins};
    const bool gives_back = spending.amount <= 0;
    const std::int64_t sum = std::max<std::int64_t>(spent.amount + spending.amount, 0);
    const bool granted = gives_back || sum <= spending.limit;
    if (granted && !(gives_back && is_over)) spent.amount = sum;
    return Allowance{.granted = granted ? Granted::kYes : Granted::kNo,
                     .left = std::max<std::int64_t>(spending.limit - spent.amount, 0)};
  }

 private:
  struct Spent {
    Instant begins{};
    std::int64_t amount = 0;
  };

  mutable std::mutex mutex_;
  std::vector<Key> keys_;
  std::map<std::pair<KeyId, Meter>, Spent> spent_;
};

}  // namespace dramatis::accounts::testing
