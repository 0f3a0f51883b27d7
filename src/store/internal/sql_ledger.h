// The port of remote/ for what paid services cost, as statements that both databases understand.
#pragma once

#include "remote/spend.h"
#include "store/internal/backend.h"

namespace dramatis::store::internal {

// Thread-safe, also among servers on one database: a sum is changed under a lock of its row. Days
// that are over stay, for whoever wants to know.
class SqlLedger : public remote::SpendLedger {
 public:
  // `backend` outlives the ledger.
  explicit SqlLedger(Backend& backend) : backend_(backend) {}

  [[nodiscard]] Status reserve(const remote::SpendKey& key, const remote::Spend& most,
                               const remote::SpendLimit& limit) override;
  [[nodiscard]] Status settle(const remote::SpendKey& key, const remote::Spend& reserved,
                              const remote::Spend& spent) override;
  [[nodiscard]] Result<remote::Spend> find(const remote::SpendKey& key) const override;

 private:
  Backend& backend_;
};

}  // namespace dramatis::store::internal
