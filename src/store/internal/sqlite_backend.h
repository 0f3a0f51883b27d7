// One SQLite file: a writer that commits in groups, and readers beside it.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

#include "base/result.h"
#include "store/internal/backend.h"
#include "store/internal/group_commit.h"
#include "store/internal/sqlite_connection.h"

namespace dramatis::store::internal {

// Thread-safe. Other processes may use the same file.
class SqliteBackend final : public Backend {
 public:
  // Opens or makes the database at `path`, with its folder, readable for its owner alone, and
  // brings its schema up to date in one transaction. A file that is not ours is left as it is:
  // kCorrupt for other programs' databases, damaged ones and such as are no database; kUnsupported
  // for one of a newer Dramatis; kUnavailable where the disk or a lock is in the way.
  [[nodiscard]] static Result<std::unique_ptr<SqliteBackend>> open(
      const std::filesystem::path& path);
  ~SqliteBackend() override;

  [[nodiscard]] Status read(const Work& work, Sight sight) override;
  [[nodiscard]] Status change(const Work& work) override;

  [[nodiscard]] std::int64_t version_before() const { return version_before_; }

 private:
  class Lent;
  SqliteBackend(std::filesystem::path path, Connection writer, std::int64_t version_before);
  // With the generation that it belongs to.
  [[nodiscard]] Result<std::pair<Connection, std::uint64_t>> reader();
  [[nodiscard]] Result<Connection> open_anew();

  std::filesystem::path path_;
  std::int64_t version_before_;
  GroupCommit writer_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<Connection> idle_;  // guarded by mutex_
  std::size_t open_ = 0;          // guarded by mutex_: idle and lent ones
  // Guarded by mutex_: how often the writer has opened the file anew. A reader of an earlier time
  // may look at a file that is no longer there.
  std::uint64_t generation_ = 0;
};

// Whether this is a whole database of ours, of any version that this Dramatis knows. Changes
// nothing.
[[nodiscard]] Status inspect_file(const std::filesystem::path& path);

}  // namespace dramatis::store::internal
