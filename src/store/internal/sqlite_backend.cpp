// Opening the file, and lending its readers.
#include "store/internal/sqlite_backend.h"

#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "store/internal/sqlite_schema.h"
#include "store/internal/sqlite_session.h"
#include "store/limits.h"

namespace dramatis::store::internal {
namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> about(const fs::path& path, Error error) {
  error.what = fmt::format("{}: {} The file was left as it is.", path.string(), error.what);
  return tl::unexpected(std::move(error));
}

// The file and its folder, for its owner alone; what exists stays as it is.
Status make_file(const fs::path& path) {
  std::error_code broken;
  const auto folder = path.parent_path();
  if (!folder.empty() && !fs::exists(folder, broken)) {
    fs::create_directories(folder, broken);
    if (broken)
      return fail(ErrorCode::kUnavailable,
                  fmt::format("the folder cannot be made: {}.", broken.message()));
    fs::permissions(folder, fs::perms::owner_all, broken);
  }
  const int made = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (made >= 0) ::close(made);
  if (fs::is_regular_file(path, broken)) return {};
  return fail(ErrorCode::kUnavailable, "no regular file can be opened here.");
}

struct Opened {
  Connection connection;
  std::int64_t version_before = 0;
};

Result<Opened> open_writer(const fs::path& path) {
  DRAMATIS_DO(make_file(path));
  DRAMATIS_TRY(auto connection, Connection::open(path, SQLITE_OPEN_READWRITE));
  sqlite3_busy_timeout(connection.get(), kBusyMilliseconds);
  DRAMATIS_DO(connection.execute("PRAGMA cell_size_check = ON"));
  DRAMATIS_DO(inspect(connection, path));
  DRAMATIS_DO(
      connection.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; "
                         "PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON"));
  DRAMATIS_TRY(const std::int64_t version_before, migrate(connection));
  connection.watch_log();
  return Opened{.connection = std::move(connection), .version_before = version_before};
}

}  // namespace

Status inspect_file(const fs::path& path) {
  const auto looked = [&]() -> Status {
    DRAMATIS_TRY(auto connection, Connection::open(path, SQLITE_OPEN_READONLY));
    return inspect(connection, path);
  }();
  return looked ? looked : about(path, looked.error());
}

Result<std::unique_ptr<SqliteBackend>> SqliteBackend::open(const fs::path& path) {
  auto opened = open_writer(path);
  if (!opened) return about(path, std::move(opened).error());
  return std::unique_ptr<SqliteBackend>(new SqliteBackend(  // the constructor is private
      path, std::move(opened->connection), opened->version_before));
}

SqliteBackend::SqliteBackend(fs::path path, Connection writer, std::int64_t version_before)
    : path_(std::move(path)),
      version_before_(version_before),
      writer_(std::move(writer), [this] { return open_anew(); }) {}
SqliteBackend::~SqliteBackend() = default;

// Never makes a file: a service whose database is gone must not go on with an empty one.
Result<Connection> SqliteBackend::open_anew() {
  std::error_code none;
  if (!fs::exists(path_, none)) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("{}: the database is gone. Put it back, or start anew without it.",
                            path_.string()));
  }
  DRAMATIS_TRY(auto opened, open_writer(path_));
  const std::lock_guard lock(mutex_);
  ++generation_;
  open_ -= idle_.size();
  idle_.clear();
  returned_.notify_all();
  return std::move(opened.connection);
}

// A reader, given back at the end.
class SqliteBackend::Lent {
 public:
  Lent(SqliteBackend& from, std::pair<Connection, std::uint64_t> given)
      : connection_(std::move(given.first)), generation_(given.second), from_(from) {}
  Lent(const Lent&) = delete;
  Lent& operator=(const Lent&) = delete;
  ~Lent() {
    {
      const std::lock_guard lock(from_.mutex_);
      if (generation_ == from_.generation_) {
        from_.idle_.push_back(std::move(connection_));
      } else {
        --from_.open_;
      }
    }
    from_.returned_.notify_one();
  }
  [[nodiscard]] Connection& connection() { return connection_; }

 private:
  Connection connection_;
  const std::uint64_t generation_;
  SqliteBackend& from_;
};

Result<std::pair<Connection, std::uint64_t>> SqliteBackend::reader() {
  std::uint64_t generation = 0;
  {
    std::unique_lock lock(mutex_);
    returned_.wait(lock, [this] { return !idle_.empty() || open_ < kMaxReaders; });
    if (!idle_.empty()) {
      Connection connection = std::move(idle_.back());
      idle_.pop_back();
      return std::pair(std::move(connection), generation_);
    }
    ++open_;
    generation = generation_;
  }
  auto opened = [this]() -> Result<Connection> {
    DRAMATIS_TRY(auto connection, Connection::open(path_, SQLITE_OPEN_READWRITE));
    sqlite3_busy_timeout(connection.get(), kBusyMilliseconds);
    DRAMATIS_DO(connection.execute("PRAGMA cell_size_check = ON; PRAGMA query_only = ON"));
    return connection;
  }();
  if (!opened) {
    const std::lock_guard lock(mutex_);
    --open_;
    returned_.notify_one();
    return tl::unexpected(std::move(opened).error());
  }
  return std::pair(*std::move(opened), generation);
}

Status SqliteBackend::read(const Work& work, Sight sight) {
  DRAMATIS_TRY(auto given, reader());
  Lent lent(*this, std::move(given));
  SqliteSession session(lent.connection());
  if (sight == Sight::kEachItsOwn) return work(session);
  DRAMATIS_DO(lent.connection().run("BEGIN"));
  const Status done = work(session);
  // Nothing was changed; a failure to end is a failure of the reads before it.
  const Status ended = lent.connection().run("ROLLBACK");
  return done ? ended : done;
}

Status SqliteBackend::change(const Work& work) {
  bool forgets = false;
  const Status done = writer_.run([&](Session& session) -> Status {
    DRAMATIS_DO(work(session));
    forgets = session.forgets();
    return {};
  });
  if (done && forgets) writer_.empty_log();
  return done;
}

}  // namespace dramatis::store::internal
