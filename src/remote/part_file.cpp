// One descriptor from the first byte to the rename.
#include "remote/part_file.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/files.h"
#include "remote/limits.h"
#include "text/json.h"

namespace dramatis::remote {
namespace {

namespace fs = std::filesystem;

fs::path part_of(const fs::path& to) {
  return fs::path(to) += ".part";
}
fs::path notes_of(const fs::path& to) {
  return fs::path(to) += ".part.json";
}

// Nothing where they cannot be read: then the download begins anew.
std::optional<PartNotes> read_notes(const fs::path& to) {
  const auto text = read_text_file(notes_of(to), kMaxPartNotes);
  if (!text) return std::nullopt;
  const auto parsed = text::parse_json(*text);
  if (!parsed) return std::nullopt;
  const auto* address = parsed->find("address");
  const auto* etag = parsed->find("etag");
  const auto* total = parsed->find("total");
  if (address == nullptr || etag == nullptr || total == nullptr) return std::nullopt;
  if (address->as_string() == nullptr || etag->as_string() == nullptr ||
      total->as_int() == nullptr || *total->as_int() < 0)
    return std::nullopt;
  return PartNotes{.address = *address->as_string(),
                   .etag = *etag->as_string(),
                   .total = static_cast<std::uint64_t>(*total->as_int())};
}

}  // namespace

tl::unexpected<Error> PartFile::trouble(const char* doing) const {
  return fail(ErrorCode::kUnavailable,
              fmt::format("{}: cannot {}: {}", part_of(to_).string(), doing, std::strerror(errno)));
}

Result<PartFile> PartFile::open(const fs::path& to, const std::string& address) {
  const int fd =
      ::open(part_of(to).c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0644);
  PartFile part(fd, to);
  if (fd < 0) return part.trouble("open");
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    return fail(ErrorCode::kConflict, fmt::format("{} is being downloaded already.", to.string()));
  }
  part.ours_ = true;
  struct stat about {};
  if (::fstat(fd, &about) != 0) return part.trouble("look at");
  part.size_ = static_cast<std::uint64_t>(about.st_size);
  auto notes = read_notes(to);
  if (notes && notes->address == address) {
    part.notes_ = *std::move(notes);
  } else {
    DRAMATIS_DO(part.begin_anew());
  }
  return part;
}

PartFile::PartFile(PartFile&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      to_(std::move(other.to_)),
      size_(other.size_),
      notes_(std::move(other.notes_)),
      ours_(other.ours_) {}

PartFile::~PartFile() {
  if (fd_ < 0) return;
  if (ours_ && size_ == 0) remove();
  ::close(fd_);
}

Status PartFile::begin_anew() {
  if (::ftruncate(fd_, 0) != 0) return trouble("empty");
  size_ = 0;
  notes_ = {};
  return {};
}

Status PartFile::note(PartNotes notes) {
  notes_ = std::move(notes);
  const auto text = text::print_json(text::JsonObject{
      {"address", notes_.address}, {"etag", notes_.etag}, {"total", notes_.total}});
  return write_file(notes_of(to_), as_bytes(text));
}

Status PartFile::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd_, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return trouble("write");
    bytes.remove_prefix(static_cast<std::size_t>(put));
    size_ += static_cast<std::uint64_t>(put);
  }
  return {};
}

Result<std::string> PartFile::sha256() const {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> sum(EVP_MD_CTX_new(),
                                                                    &EVP_MD_CTX_free);
  if (sum == nullptr || EVP_DigestInit_ex(sum.get(), EVP_sha256(), nullptr) != 1)
    return fail(ErrorCode::kInternal, "OpenSSL gives no SHA-256.");
  std::vector<char> buffer(1024 * 1024);
  for (off_t at = 0;;) {
    const ssize_t got = ::pread(fd_, buffer.data(), buffer.size(), at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return trouble("read");
    if (got == 0) break;
    at += got;
    EVP_DigestUpdate(sum.get(), buffer.data(), static_cast<std::size_t>(got));
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  EVP_DigestFinal_ex(sum.get(), digest.data(), &length);
  std::string hex;
  for (unsigned n = 0; n < length; ++n) hex += fmt::format("{:02x}", digest[n]);
  return hex;
}

Status PartFile::finish() {
  if (::fsync(fd_) != 0) return trouble("sync");
  if (::rename(part_of(to_).c_str(), to_.c_str()) != 0) return trouble("rename");
  ours_ = false;
  ::unlink(notes_of(to_).c_str());
  const auto folder = to_.has_parent_path() ? to_.parent_path() : fs::path(".");
  const int opened = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = opened >= 0 && ::fsync(opened) == 0;
  if (opened >= 0) ::close(opened);
  return synced ? Status{} : trouble("sync the folder");
}

void PartFile::remove() {
  ::unlink(part_of(to_).c_str());
  ::unlink(notes_of(to_).c_str());
  ours_ = false;
}

}  // namespace dramatis::remote
