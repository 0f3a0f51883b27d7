// Bytes of a file -> whole records; records -> bytes, synced.
#include "text/journal.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "text/limits.h"

namespace dramatis::text {
namespace {

Error cannot(std::string_view what, const std::filesystem::path& path) {
  return {ErrorCode::kUnavailable,
          fmt::format("{} cannot be {}: {}.", path.string(), what, std::strerror(errno))};
}

Result<Records> records_of(const std::filesystem::path& path) {
  auto bytes = read_text_file(path, kMaxJournalBytes);
  if (!bytes && bytes.error().code == ErrorCode::kNotFound) return Records{};
  if (!bytes) return tl::unexpected(bytes.error());
  return read_records(*bytes, path.string());
}

Status write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return tl::unexpected(cannot("written", "The journal"));
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace

Result<Records> read_records(std::string_view bytes, std::string_view place) {
  Records read;
  for (std::size_t line = 1; read.whole_bytes < bytes.size(); ++line) {
    const auto rest = bytes.substr(read.whole_bytes);
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) break;
    auto record = parse_json(rest.substr(0, end), kMaxRecordBytes);
    if (!record) {
      return fail(ErrorCode::kCorrupt,
                  fmt::format("{}, line {}: {}", place, line, record.error().what));
    }
    read.records.push_back(*std::move(record));
    read.whole_bytes += end + 1;
  }
  return read;
}

Result<Journal> Journal::open(const std::filesystem::path& path) {
  const int file =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_APPEND | O_NONBLOCK, 0600);
  if (file < 0) return tl::unexpected(cannot("opened", path));
  Journal journal(file, {});
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    return fail(ErrorCode::kConflict,
                fmt::format("{} is being written by another process.", path.string()));
  }
  DRAMATIS_TRY(auto read, records_of(path));
  if (::ftruncate(file, static_cast<off_t>(read.whole_bytes)) != 0)
    return tl::unexpected(cannot("mended", path));
  journal.bytes_ = read.whole_bytes;
  journal.found_ = std::move(read.records);
  return journal;
}

Journal::Journal(int file, Records read)
    : file_(file), bytes_(read.whole_bytes), found_(std::move(read.records)) {}

Journal::Journal(Journal&& other) noexcept
    : file_(std::exchange(other.file_, -1)),
      bytes_(other.bytes_),
      found_(std::move(other.found_)) {}

Journal::~Journal() {
  if (file_ >= 0) ::close(file_);
}

Status Journal::append(const Json& record) {
  const std::string line = print_json(record) + "\n";
  if (line.size() > kMaxRecordBytes) {
    return fail(ErrorCode::kOverBudget, fmt::format("A record has {} bytes; at most {} are kept.",
                                                    line.size(), kMaxRecordBytes));
  }
  if (bytes_ + line.size() > kMaxJournalBytes) {
    return fail(ErrorCode::kOverBudget, fmt::format("The journal is full: it has {} bytes of {}.",
                                                    bytes_, kMaxJournalBytes));
  }
  Status kept = write_all(file_, line);
  if (kept && ::fdatasync(file_) != 0) kept = tl::unexpected(cannot("synced", "The journal"));
  if (kept) {
    bytes_ += line.size();
    return {};
  }
  // Half a line would spoil the next one. Where it cannot be cut off, no next one is taken.
  if (::ftruncate(file_, static_cast<off_t>(bytes_)) != 0) bytes_ = kMaxJournalBytes;
  return kept;
}

}  // namespace dramatis::text
