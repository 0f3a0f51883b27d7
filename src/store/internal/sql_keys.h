// The port of accounts/ as statements that both databases understand.
#pragma once

#include "accounts/keys.h"
#include "store/internal/backend.h"

namespace dramatis::store::internal {

// Thread-safe, also among servers on one database: what is spent is counted under a lock of its
// row.
class SqlKeys : public accounts::Keys {
 public:
  // `backend` outlives the keys.
  explicit SqlKeys(Backend& backend) : backend_(backend) {}

  // kUserNotFound for the key of a player that there is not; it goes with the player.
  [[nodiscard]] Status add(const accounts::Key& key) override;
  [[nodiscard]] Result<std::optional<accounts::Key>> find(std::string_view digest) const override;
  [[nodiscard]] Result<std::vector<accounts::Key>> list() const override;
  [[nodiscard]] Status revoke(accounts::KeyId id) override;
  [[nodiscard]] Result<accounts::Allowance> spend(accounts::KeyId id,
                                                  const accounts::Spending& spending) override;

 private:
  Backend& backend_;
};

}  // namespace dramatis::store::internal
