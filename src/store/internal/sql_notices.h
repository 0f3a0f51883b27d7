// The notices of accounts/ as statements that both databases understand.
#pragma once

#include "accounts/notices.h"
#include "store/internal/backend.h"

namespace dramatis::store::internal {

// Thread-safe, also among servers on one database.
class SqlNotices : public accounts::Notices {
 public:
  // `backend` outlives the notices.
  explicit SqlNotices(Backend& backend) : backend_(backend) {}

  [[nodiscard]] Result<accounts::Posted> post(const accounts::Notice& notice, Instant now) override;
  [[nodiscard]] Status replace(const accounts::Notice& notice) override;
  [[nodiscard]] Result<std::optional<accounts::Notice>> find(std::string_view name,
                                                             Instant now) const override;
  [[nodiscard]] Status remove(std::string_view name) override;

 private:
  Backend& backend_;
};

}  // namespace dramatis::store::internal
