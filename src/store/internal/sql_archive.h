// The archive of dataset/ as statements that both databases understand: workers that share one.
#pragma once

#include <string>

#include "dataset/archive.h"
#include "store/internal/backend.h"

namespace dramatis::store::internal {

struct SqlWorker {
  std::string run{};
  std::string place{};  // for people
  std::int64_t id = 0;  // nobody else's
  std::int64_t lease_ms = 0;
};

// Thread-safe, also among workers on one database. An item is a row from the start; whoever claims
// it writes until when, by the database's clock, and the first record that comes stays.
class SqlArchive : public dataset::Archive, public dataset::Till {
 public:
  // `backend` outlives the archive, and the archive its books.
  SqlArchive(Backend& backend, SqlWorker worker) : backend_(backend), worker_(std::move(worker)) {}

  [[nodiscard]] Result<std::unique_ptr<dataset::Book>> open(const dataset::StepKey& key,
                                                            const dataset::StepPlan& plan) override;
  [[nodiscard]] Result<std::vector<text::Json>> read(const dataset::StepKey& key) const override;
  [[nodiscard]] Status put_aside(const std::vector<dataset::StepKey>& steps) override;
  [[nodiscard]] Result<std::size_t> add_talks(const std::string& character,
                                              const std::vector<text::JsonObject>& talks) override;
  // Of the whole run, with what came to nothing.
  [[nodiscard]] Result<dataset::Cost> spent(
      const std::vector<dataset::StepKey>& steps) const override;
  [[nodiscard]] Result<dataset::Hands> hands() const override;
  [[nodiscard]] dataset::Till* till() override { return this; }
  [[nodiscard]] std::string place() const override { return worker_.place; }

  [[nodiscard]] Result<Answer> begin(const dataset::WritingBudget& budget) override;
  [[nodiscard]] Result<dataset::Cost> pay(const dataset::Cost& cost) override;

 private:
  Backend& backend_;
  const SqlWorker worker_;
};

}  // namespace dramatis::store::internal
