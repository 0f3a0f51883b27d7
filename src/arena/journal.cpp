// Bytes of a file -> whole records; records -> bytes, synced.
#include "arena/journal.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena/limits.h"
#include "base/files.h"

namespace dramatis::arena {
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
    auto record = text::parse_json(rest.substr(0, end), kMaxRecordBytes);
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
  DRAMATIS_TRY(auto read, records_of(path));
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_APPEND, 0600);
  if (file < 0) return tl::unexpected(cannot("opened", path));
  Journal journal(file, std::move(read.records));
  if (::ftruncate(file, static_cast<off_t>(read.whole_bytes)) != 0)
    return tl::unexpected(cannot("mended", path));
  return journal;
}

Journal::Journal(Journal&& other) noexcept
    : file_(std::exchange(other.file_, -1)), found_(std::move(other.found_)) {}

Journal::~Journal() {
  if (file_ >= 0) ::close(file_);
}

Status Journal::append(const text::Json& record) {
  const std::string line = text::print_json(record) + "\n";
  if (line.size() > kMaxRecordBytes) {
    return fail(ErrorCode::kOverBudget, fmt::format("A record has {} bytes; at most {} are kept.",
                                                    line.size(), kMaxRecordBytes));
  }
  const runtime::Lock lock(mutex_);
  DRAMATIS_DO(write_all(file_, line));
  if (::fdatasync(file_) != 0) return tl::unexpected(cannot("synced", "The journal"));
  return {};
}

}  // namespace dramatis::arena
