// Which database an address means, and what stands on it.
#include "store/database.h"

#include <fmt/format.h>

#include "base/random.h"
#include "store/internal/open_postgres.h"
#include "store/internal/sql_archive.h"
#include "store/internal/sql_arena.h"
#include "store/internal/sql_keys.h"
#include "store/internal/sql_ledger.h"
#include "store/internal/sql_notices.h"
#include "store/internal/sql_store.h"
#include "store/internal/sqlite_backend.h"
#include "store/internal/sqlite_schema.h"
#include "store/limits.h"

namespace dramatis::store {

Database::Database(Address address, std::unique_ptr<internal::Backend> backend,
                   std::int64_t version_before)
    : address_(std::move(address)),
      version_before_(version_before),
      backend_(std::move(backend)),
      conversations_(std::make_unique<internal::SqlStore>(*backend_)),
      keys_(std::make_unique<internal::SqlKeys>(*backend_)),
      notices_(std::make_unique<internal::SqlNotices>(*backend_)),
      ledger_(std::make_unique<internal::SqlLedger>(*backend_)),
      talks_(std::make_unique<internal::SqlArena>(*backend_)) {}
Database::~Database() = default;

Result<std::unique_ptr<dataset::Archive>> Database::archive(const Worker& worker) {
  if (worker.run.empty() || worker.run.size() > kMaxRunNameBytes) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("A run's name has {} bytes; it has 1 to {}.", worker.run.size(),
                            kMaxRunNameBytes));
  }
  DRAMATIS_TRY(const auto drawn, random_u64());
  return std::make_unique<internal::SqlArchive>(
      *backend_, internal::SqlWorker{.run = worker.run,
                                     .place = fmt::format("{}, run {}", address_.shown, worker.run),
                                     .id = static_cast<std::int64_t>(drawn >> 1U),
                                     .lease_ms = worker.lease.count()});
}

Result<std::unique_ptr<Database>> open(std::string_view address) {
  DRAMATIS_TRY(auto parsed, parse_address(address));
  if (parsed.kind == Kind::kPostgres) {
    DRAMATIS_TRY(auto opened, internal::open_postgres(parsed));
    return std::make_unique<Database>(std::move(parsed), std::move(opened.backend),
                                      opened.version_before);
  }
  DRAMATIS_TRY(auto backend, internal::SqliteBackend::open(parsed.path));
  const auto before = backend->version_before();
  return std::make_unique<Database>(std::move(parsed), std::move(backend), before);
}

bool speaks_postgres() {
  return internal::has_postgres();
}

std::int64_t newest_version() {
  return internal::newest_schema();
}

}  // namespace dramatis::store
