// Block by block, so that a log of any length takes the memory of one line.
#include "runs/log_page.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runs/limits.h"

namespace dramatis::runs {
namespace {

// Closes itself.
class OpenFile {
 public:
  // O_NONBLOCK: opening a pipe must not wait for somebody to write into it.
  explicit OpenFile(const std::filesystem::path& path)
      : file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() {
    if (file_ >= 0) ::close(file_);
  }
  [[nodiscard]] int get() const { return file_; }

 private:
  int file_;
};

Error cannot_read(const std::filesystem::path& path) {
  const auto code =
      errno == ENOENT || errno == ENOTDIR ? ErrorCode::kNotFound : ErrorCode::kUnavailable;
  return {code, fmt::format("{} cannot be read: {}.", path.string(), std::strerror(errno))};
}

Result<FileMark> mark_of(const OpenFile& file, const std::filesystem::path& path) {
  struct stat about {};
  if (file.get() < 0 || ::fstat(file.get(), &about) != 0) return tl::unexpected(cannot_read(path));
  if (!S_ISREG(about.st_mode))
    return fail(ErrorCode::kInvalidArgument, fmt::format("{} is no regular file.", path.string()));
  const auto written =
      std::chrono::seconds(about.st_mtim.tv_sec) + std::chrono::nanoseconds(about.st_mtim.tv_nsec);
  return FileMark{.device = about.st_dev,
                  .file = about.st_ino,
                  .size = static_cast<std::uintmax_t>(about.st_size),
                  .written = Instant(std::chrono::duration_cast<Instant::duration>(written))};
}

}  // namespace

GoOn Lines::push(std::string_view bytes, const Hear& hear) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const auto part = bytes.substr(0, end);
    length_ += part.size();
    const bool fits = length_ <= kMaxLineBytes;
    if (!fits) half_.clear();
    if (end == std::string_view::npos) {
      if (fits) half_ += part;
      return GoOn::kYes;
    }
    bytes.remove_prefix(end + 1);
    whole_bytes_ += length_ + 1;
    length_ = 0;
    const std::string began = std::exchange(half_, {});
    const GoOn wants = !fits           ? hear({})
                       : began.empty() ? hear(part)
                                       : hear(began + std::string(part));
    if (wants == GoOn::kNo) return GoOn::kNo;
  }
  return GoOn::kYes;
}

Result<FileMark> mark_of(const std::filesystem::path& path) {
  return mark_of(OpenFile(path), path);
}

Result<std::uintmax_t> read_lines(const std::filesystem::path& path, std::uintmax_t from,
                                  const Lines::Hear& hear) {
  const OpenFile file(path);
  DRAMATIS_TRY(const FileMark mark, mark_of(file, path));
  const std::uintmax_t end = std::min<std::uintmax_t>(mark.size, kMaxLogBytes);
  Lines lines;
  std::string block(kBlockBytes, '\0');
  for (std::uintmax_t at = from; at < end;) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uintmax_t>(block.size(), end - at));
    const auto got = ::pread(file.get(), block.data(), wanted, static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return tl::unexpected(cannot_read(path));
    if (got == 0) break;  // it shrank meanwhile
    at += static_cast<std::uintmax_t>(got);
    if (lines.push({block.data(), static_cast<std::size_t>(got)}, hear) == GoOn::kNo) break;
  }
  return from + lines.whole_bytes();
}

std::optional<Entry> read_entry(std::string_view line) {
  const auto json = text::parse_json(line, kMaxLineBytes);
  return json ? entry_of(*json) : std::nullopt;
}

GoOn PageMaker::hear(std::string_view line) {
  if (page_.next < after_) {
    ++page_.next;
    return GoOn::kYes;
  }
  const bool full = page_.next - after_ == kMaxPageEntries ||
                    (bytes_ > 0 && bytes_ + line.size() > kMaxPageBytes);
  page_.more = full;
  if (full) return GoOn::kNo;
  ++page_.next;
  bytes_ += line.size();
  auto entry = read_entry(line);
  if (entry)
    page_.entries.push_back(*std::move(entry));
  else
    ++page_.unread;
  return GoOn::kYes;
}

Result<LogPage> read_page(const std::filesystem::path& path, std::size_t after) {
  PageMaker maker(after);
  DRAMATIS_DO(read_lines(path, 0, [&maker](std::string_view line) { return maker.hear(line); }));
  return maker.take();
}

}  // namespace dramatis::runs
