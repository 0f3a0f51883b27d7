// SQLite's online copy, or rows; then the checksum, then the name.
#include "store/backup.h"

#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/files.h"
#include "store/internal/file_digest.h"
#include "store/internal/sqlite_backend.h"
#include "store/internal/sqlite_connection.h"
#include "store/limits.h"

namespace dramatis::store {
namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> trouble(const fs::path& path, std::string_view doing,
                              const std::error_code& why) {
  return fail(ErrorCode::kUnavailable,
              fmt::format("{}: cannot {}: {}.", path.string(), doing, why.message()));
}

// A folder of our own, gone with it.
class PassingFolder {
 public:
  static Result<PassingFolder> make(const fs::path& in) {
    std::string name = (in / ".dramatis-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr)
      return trouble(in, "make a folder", {errno, std::generic_category()});
    return PassingFolder(name);
  }
  PassingFolder(PassingFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  PassingFolder& operator=(PassingFolder&&) = delete;
  ~PassingFolder() {
    std::error_code ignored;  // what is left behind is for its owner's eyes alone
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  [[nodiscard]] fs::path file() const { return path_ / "copy.sqlite"; }

 private:
  explicit PassingFolder(fs::path path) : path_(std::move(path)) {}
  fs::path path_;
};

Status check_stop(const std::stop_token& stop) {
  if (!stop.stop_requested()) return {};
  return fail(ErrorCode::kCancelled, "It was stopped; no backup was written.");
}

// One moment of an SQLite file, page by page; writers go on.
Status copy_pages(const fs::path& from, const fs::path& to, const Progress& progress,
                  const std::stop_token& stop) {
  DRAMATIS_TRY(auto source, internal::Connection::open(from, SQLITE_OPEN_READWRITE));
  DRAMATIS_TRY(auto target,
               internal::Connection::open(to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
  sqlite3_busy_timeout(source.get(), kBusyMilliseconds);
  // A read that stays open is the moment: what is written meanwhile comes after it.
  DRAMATIS_DO(source.execute("BEGIN; SELECT count(*) FROM sqlite_schema"));
  sqlite3_backup* copying = sqlite3_backup_init(target.get(), "main", source.get(), "main");
  if (copying == nullptr) return tl::unexpected(internal::error_of(target.get()));
  while (sqlite3_backup_step(copying, kPagesAtOnce) == SQLITE_OK && !stop.stop_requested()) {
    const int done = sqlite3_backup_pagecount(copying) - sqlite3_backup_remaining(copying);
    if (progress) progress({.table = "pages", .rows = static_cast<std::size_t>(done)});
  }
  if (sqlite3_backup_finish(copying) != SQLITE_OK)
    return tl::unexpected(internal::error_of(target.get()));
  return check_stop(stop);
}

// The same as rows, out of PostgreSQL.
Status copy_into(Database& from, const fs::path& to, const Progress& progress,
                 const std::stop_token& stop) {
  DRAMATIS_TRY(const auto target, open("sqlite:" + to.string()));
  return copy(from, *target, Over::kEmpty, progress, stop).map([](const Contents& /*copied*/) {});
}

// One file, with no log beside it, of a database that nobody has open.
Status settle(const fs::path& path) {
  DRAMATIS_TRY(auto connection, internal::Connection::open(path, SQLITE_OPEN_READWRITE));
  return connection.execute("PRAGMA journal_mode = DELETE");
}

Status sync_path(const fs::path& path, int flags) {
  const int opened = ::open(path.c_str(), flags | O_CLOEXEC);
  if (opened < 0) return trouble(path, "open it", {errno, std::generic_category()});
  const bool done = ::fsync(opened) == 0;
  const std::error_code why(errno, std::generic_category());
  ::close(opened);
  if (!done) return trouble(path, "write it to the disk", why);
  return {};
}

// Gives a whole copy its name, after its checksum has one: a backup without is none.
Status publish(const fs::path& copy, const fs::path& to) {
  DRAMATIS_DO(sync_path(copy, O_RDONLY));
  DRAMATIS_TRY(const auto digest, internal::file_digest(copy));
  const std::string line = fmt::format("{}  {}\n", digest, to.filename().string());
  DRAMATIS_DO(write_file(checksum_of(to), as_bytes(line)));
  std::error_code failed;
  fs::rename(copy, to, failed);
  if (failed) {
    const auto why = trouble(to, "give it its name", failed);
    fs::remove(checksum_of(to), failed);
    return why;
  }
  return sync_path(fs::absolute(to).parent_path(), O_RDONLY | O_DIRECTORY);
}

// What the backup must hash to.
Result<std::string> promised_digest(const fs::path& backup) {
  constexpr std::size_t kDigits = 64;
  const auto line = read_text_file(checksum_of(backup), 64 * kDigits);
  if (!line) {
    return fail(line.error().code,
                fmt::format("{} has no checksum beside it; `dramatis db backup` writes both ({}).",
                            backup.string(), line.error().what));
  }
  const std::string digest = line->substr(0, kDigits);
  if (digest.size() != kDigits ||
      digest.find_first_not_of("0123456789abcdef") != std::string::npos) {
    return fail(ErrorCode::kCorrupt, fmt::format("{}: it is not 64 hexadecimal digits and a name.",
                                                 checksum_of(backup).string()));
  }
  return digest;
}

}  // namespace

fs::path checksum_of(const fs::path& backup) {
  return fs::path(backup) += ".sha256";
}

Status find_backup(const fs::path& from) {
  std::error_code none;
  if (!fs::is_regular_file(from, none))
    return fail(ErrorCode::kNotFound, fmt::format("{}: there is no such backup.", from.string()));
  return promised_digest(from).map([](const std::string& /*digest*/) {});
}

Result<Contents> backup(Database& database, const fs::path& to, const Progress& progress,
                        const std::stop_token& stop) {
  std::error_code none;
  for (const auto& path : {to, checksum_of(to)}) {
    if (fs::exists(fs::symlink_status(path, none))) {
      return fail(ErrorCode::kConflict,
                  fmt::format("{} is there already; give the backup another name.", path.string()));
    }
  }
  DRAMATIS_TRY(const auto folder, PassingFolder::make(fs::absolute(to).parent_path()));
  if (database.address().kind == Kind::kSqlite) {
    DRAMATIS_DO(copy_pages(database.address().path, folder.file(), progress, stop));
  } else {
    DRAMATIS_DO(copy_into(database, folder.file(), progress, stop));
  }
  DRAMATIS_DO(settle(folder.file()));
  std::error_code failed;
  fs::permissions(folder.file(), fs::perms::owner_read | fs::perms::owner_write, failed);
  if (failed) return trouble(to, "make it its owner's alone", failed);
  Contents contents;
  {
    DRAMATIS_TRY(const auto copied, open("sqlite:" + folder.file().string()));
    DRAMATIS_TRY(const auto wrong, check(*copied));
    if (!wrong.empty())
      return fail(ErrorCode::kCorrupt,
                  fmt::format("The copy of {} is damaged, and was thrown away: {}",
                              database.address().shown, wrong.front()));
    DRAMATIS_TRY(contents, count(*copied));
  }
  DRAMATIS_DO(check_stop(stop));
  DRAMATIS_DO(settle(folder.file()));
  DRAMATIS_DO(publish(folder.file(), to));
  return contents;
}

Result<Contents> restore(const fs::path& from, Database& to, Over over, const Progress& progress,
                         const std::stop_token& stop) {
  DRAMATIS_DO(find_backup(from));
  DRAMATIS_TRY(const auto promised, promised_digest(from));
  // A copy of our own: what was hashed is what is read, and the backup stays as it is.
  DRAMATIS_TRY(const auto folder, PassingFolder::make(fs::temp_directory_path()));
  std::error_code failed;
  fs::copy_file(from, folder.file(), failed);
  if (failed) return trouble(from, "read it", failed);
  fs::permissions(folder.file(), fs::perms::owner_read | fs::perms::owner_write, failed);
  if (failed) return trouble(folder.file(), "make it writable", failed);
  DRAMATIS_TRY(const auto digest, internal::file_digest(folder.file()));
  if (digest != promised) {
    return fail(ErrorCode::kCorrupt,
                fmt::format("{} is damaged: its SHA-256 is {}, its checksum says {}. Nothing was "
                            "restored.",
                            from.string(), digest, promised));
  }
  DRAMATIS_TRY(const auto source, open("sqlite:" + folder.file().string()));
  return copy(*source, to, over, progress, stop);
}

}  // namespace dramatis::store
