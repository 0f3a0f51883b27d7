// Reads and replaces whole files through one descriptor each, so that what was checked is what is
// read.
#include "base/files.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace dramatis {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }
  // Closes early and tells whether that failed.
  [[nodiscard]] bool close() { return ::close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

Error io_error(const std::filesystem::path& path, const char* verb) {
  const auto code = errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kUnavailable;
  return Error{code, fmt::format("{}: cannot {}: {}", path.string(), verb, std::strerror(errno))};
}

template <class Buffer>
Result<Buffer> read_whole(const std::filesystem::path& path, std::size_t max_bytes) {
  Buffer content;
  DRAMATIS_TRY(const std::size_t size, read_file_into(path, max_bytes, [&](std::size_t wanted) {
                 content.resize(wanted);
                 return std::as_writable_bytes(std::span(content));
               }));
  content.resize(size);
  return content;
}

Status write_all(int fd, std::span<const std::byte> bytes, const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return tl::unexpected(io_error(path, "write"));
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  return {};
}

using Pieces = std::span<const std::span<const std::byte>>;

Status write_pieces(int fd, Pieces pieces, const std::filesystem::path& path) {
  for (const auto piece : pieces) DRAMATIS_DO(write_all(fd, piece, path));
  return {};
}

// A rename is durable only once the folder that holds the name is.
Status sync_folder(const std::filesystem::path& path) {
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.get() < 0 || ::fsync(opened.get()) != 0)
    return tl::unexpected(io_error(folder, "sync"));
  return {};
}

Status replace(const std::filesystem::path& path, Pieces pieces, mode_t mode) {
  auto beside = path;
  beside += fmt::format(".{}.new", ::getpid());
  Descriptor file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
  if (file.get() < 0) return tl::unexpected(io_error(beside, "create"));
  auto written = write_pieces(file.get(), pieces, beside);
  if (written && ::fsync(file.get()) != 0) written = tl::unexpected(io_error(beside, "sync"));
  if (!file.close() && written) written = tl::unexpected(io_error(beside, "close"));
  if (written && ::rename(beside.c_str(), path.c_str()) != 0) {
    written = tl::unexpected(io_error(path, "replace"));
  }
  if (!written) {
    ::unlink(beside.c_str());
    return written;
  }
  return sync_folder(path);
}

}  // namespace

Result<std::size_t> read_file_into(const std::filesystem::path& path, std::size_t max_bytes,
                                   const std::function<std::span<std::byte>(std::size_t)>& room) {
  // O_NONBLOCK: opening a pipe must not wait for somebody to write into it.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) return tl::unexpected(io_error(path, "open"));
  struct stat about {};
  if (::fstat(file.get(), &about) != 0) return tl::unexpected(io_error(path, "look at"));
  if (!S_ISREG(about.st_mode)) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("{}: not a regular file", path.string()));
  }
  const auto size = static_cast<std::size_t>(about.st_size);
  if (size > max_bytes) {
    return fail(ErrorCode::kOverBudget,
                fmt::format("{}: {} bytes, at most {} are read", path.string(), size, max_bytes));
  }
  const auto into = room(size).first(size);
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got = ::read(file.get(), into.data() + done, size - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return tl::unexpected(io_error(path, "read"));
    if (got == 0) break;  // the file shrank meanwhile: what is there is what there is
    done += static_cast<std::size_t>(got);
  }
  return done;
}

Result<std::string> read_text_file(const std::filesystem::path& path, std::size_t max_bytes) {
  return read_whole<std::string>(path, max_bytes);
}

Result<std::vector<std::byte>> read_file(const std::filesystem::path& path, std::size_t max_bytes) {
  return read_whole<std::vector<std::byte>>(path, max_bytes);
}

Status write_file(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  return replace(path, Pieces(&bytes, 1), 0644);
}

Status write_private_file(const std::filesystem::path& path, Pieces pieces) {
  return replace(path, pieces, 0600);
}

}  // namespace dramatis
