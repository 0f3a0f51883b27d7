// An address -> an opened database, with the ports of other rooms upon it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "accounts/keys.h"
#include "accounts/notices.h"
#include "arena/store.h"
#include "base/result.h"
#include "dataset/archive.h"
#include "dialogue/store.h"
#include "remote/spend.h"
#include "store/address.h"

namespace dramatis::store {

namespace internal {
class Backend;
}

// Thread-safe. What it acknowledged outlives the process. Other processes may use the same
// database, on SQLite those of this machine.
class Database {
 public:
  Database(Address address, std::unique_ptr<internal::Backend> backend,
           std::int64_t version_before);
  ~Database();

  [[nodiscard]] dialogue::Store& conversations() { return *conversations_; }
  [[nodiscard]] accounts::Keys& keys() { return *keys_; }
  // What servers on this database tell each other.
  [[nodiscard]] accounts::Notices& notices() { return *notices_; }
  // What paid services cost, for the router.
  [[nodiscard]] remote::SpendLedger& ledger() { return *ledger_; }
  // Talks of NPCs.
  [[nodiscard]] arena::Store& talks() { return *talks_; }

  // Whose share of a run of dataset this is. The database outlives the archive.
  struct Worker {
    std::string run{};                       // a name, at most kMaxRunNameBytes
    std::chrono::milliseconds lease{60000};  // after which another may make what it has claimed
  };
  // Errors: kInvalidArgument for no name, or one that is too long; kUnavailable.
  [[nodiscard]] Result<std::unique_ptr<dataset::Archive>> archive(const Worker& worker);

  [[nodiscard]] const Address& address() const& { return address_; }
  // Of its tables, before it was opened; 0 where it had none.
  [[nodiscard]] std::int64_t version_before() const { return version_before_; }
  [[nodiscard]] internal::Backend& backend() { return *backend_; }

 private:
  Address address_;
  std::int64_t version_before_;
  std::unique_ptr<internal::Backend> backend_;
  std::unique_ptr<dialogue::Store> conversations_;
  std::unique_ptr<accounts::Keys> keys_;
  std::unique_ptr<accounts::Notices> notices_;
  std::unique_ptr<remote::SpendLedger> ledger_;
  std::unique_ptr<arena::Store> talks_;
};

// Opens the database at `address`, or makes it, and brings its tables up to date in one
// transaction. A file or database that is not ours is left as it is. Errors: kInvalidArgument for
// no address; kCorrupt for other programs' databases and damaged ones; kUnsupported for one of a
// newer Dramatis; kUnavailable where nothing answers. None shows a password.
[[nodiscard]] Result<std::unique_ptr<Database>> open(std::string_view address);

// Whether this program can open a database of PostgreSQL.
[[nodiscard]] bool speaks_postgres();

// The version of tables that this Dramatis writes.
[[nodiscard]] std::int64_t newest_version();

}  // namespace dramatis::store
