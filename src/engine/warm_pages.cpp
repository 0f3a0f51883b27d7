// What is read is checked page by page before the first is used; what is written takes the old
// file's place at once.
#include "engine/warm_pages.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <map>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "engine/limits.h"

namespace dramatis::engine {
namespace {

using model::kPageTokens;

// A file that stays open while it is read, so that what was checked is what is read.
class OpenFile {
 public:
  explicit OpenFile(const std::filesystem::path& path)
      : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] bool is_open() const { return fd_ >= 0; }
  // Of a regular file; nothing else has one.
  [[nodiscard]] std::optional<std::size_t> size() const {
    struct stat about {};
    if (::fstat(fd_, &about) != 0 || !S_ISREG(about.st_mode)) return std::nullopt;
    return static_cast<std::size_t>(about.st_size);
  }
  [[nodiscard]] Status read(std::size_t at, std::span<std::byte> into) const {
    while (!into.empty()) {
      const ssize_t got = ::pread(fd_, into.data(), into.size(), static_cast<off_t>(at));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0)
        return fail(ErrorCode::kUnavailable,
                    fmt::format("It cannot be read: {}", std::strerror(errno)));
      if (got == 0) return fail(ErrorCode::kCorrupt, "It was cut short meanwhile.");
      into = into.subspan(static_cast<std::size_t>(got));
      at += static_cast<std::size_t>(got);
    }
    return {};
  }

 private:
  int fd_;
};

// Pages of a folder to which others may write are anybody's, and would speak in a character's name.
Status judge_folder(const std::filesystem::path& folder) {
  struct stat about {};
  if (::stat(folder.c_str(), &about) != 0) {
    return fail(errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kUnavailable,
                fmt::format("{}: {}", folder.string(), std::strerror(errno)));
  }
  if (!S_ISDIR(about.st_mode))
    return fail(ErrorCode::kInvalidArgument, fmt::format("{} is no folder.", folder.string()));
  if (about.st_uid == ::geteuid() && (about.st_mode & (S_IWGRP | S_IWOTH)) == 0) return {};
  return fail(ErrorCode::kRefused,
              fmt::format("{} may be written to by others; its pages are not used. Take that right "
                          "away (chmod go-w), or name another folder.",
                          folder.string()));
}

// All pages or none.
Result<std::vector<model::KvPageRef>> read_numbers(const ReadAt& read, const PageList& list,
                                                   std::size_t count, const PageKind& kind,
                                                   const std::shared_ptr<model::KvPool>& pool) {
  std::vector<model::KvPageRef> pages;
  for (std::size_t n = 0; n < count; ++n) {
    DRAMATIS_TRY(auto page, pool->take());
    DRAMATIS_DO(read_page(read, list, n, kind, page->bytes()));
    pages.push_back(std::move(page));
  }
  return pages;
}

Status read_all(const OpenFile& file, const WarmPlace& place, const PageKind& kind,
                const std::shared_ptr<model::KvPool>& pool, PageTree& tree, WarmStart& start) {
  const auto size = file.size();
  if (!size) return fail(ErrorCode::kInvalidArgument, "It is no regular file.");
  if (*size > place.max_bytes) {
    return fail(ErrorCode::kOverBudget,
                fmt::format("It has {} bytes; {} are allowed.", *size, place.max_bytes));
  }
  const ReadAt read = [&](std::size_t at, std::span<std::byte> into) {
    return file.read(at, into);
  };
  DRAMATIS_TRY(const auto list, read_page_list(read, *size, kind));
  const std::size_t free = pool->max_pages() - pool->used_pages();
  const std::size_t count = std::min(list.pages.size(), free / 2);
  DRAMATIS_TRY(const auto numbers, read_numbers(read, list, count, kind, pool));
  std::vector<PageTree::Common> pages;
  for (std::size_t n = 0; n < count; ++n) {
    const auto& page = list.pages[n];
    pages.push_back({.adapters = list.roots[page.root],
                     .parent = page.parent,
                     .ids = page.ids,
                     .page = numbers[n]});
  }
  tree.restore(pages);
  start.pages = count;
  if (count < list.pages.size()) {
    start.refused = fmt::format("{} of its {} pages were used: there is memory for {} in all.",
                                count, list.pages.size(), pool->max_pages());
  }
  return {};
}

// A page as the file keeps it: rows behind its tokens are not everybody's, so they are zeros.
std::vector<std::byte> without_rest(const model::KvPage& page, std::size_t tokens,
                                    const model::KvShape& shape) {
  std::vector<std::byte> bytes(page.bytes().size());
  for (std::size_t plane = 0; plane < 2 * shape.layers; ++plane) {
    std::memcpy(bytes.data() + plane * shape.plane_bytes(),
                page.bytes().data() + plane * shape.plane_bytes(), tokens * shape.row_bytes());
  }
  return bytes;
}

std::size_t pages_within(std::size_t max_bytes, const model::KvShape& shape) {
  // The list takes less than a page's hundredth, and the beginning less than one page.
  const std::size_t pages = max_bytes / (shape.page_bytes() + shape.page_bytes() / 64 + 128);
  return std::min(pages > 0 ? pages - 1 : 0, kMaxKeptPages);
}

}  // namespace

WarmStart read_warm_pages(const WarmPlace& place, const PageKind& kind,
                          const std::shared_ptr<model::KvPool>& pool, PageTree& tree) {
  WarmStart start;
  if (place.folder.empty()) return start;
  const auto path = place.folder / page_file_name(kind);
  const OpenFile file(path);
  if (!file.is_open() && errno == ENOENT) return start;
  auto done = judge_folder(place.folder);
  if (done && !file.is_open())
    done =
        fail(ErrorCode::kUnavailable, fmt::format("It cannot be opened: {}", std::strerror(errno)));
  if (done) done = read_all(file, place, kind, pool, tree, start);
  if (!done) start = {.pages = 0, .refused = done.error().what};
  if (!start.refused.empty()) start.refused = fmt::format("{}: {}", path.string(), start.refused);
  return start;
}

Status write_warm_pages(const WarmPlace& place, const PageKind& kind, const PageTree& tree) {
  if (place.folder.empty()) return {};
  std::error_code failed;
  const bool made = std::filesystem::create_directories(place.folder, failed);
  if (failed) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("{} cannot be made: {}", place.folder.string(), failed.message()));
  }
  if (made) ::chmod(place.folder.c_str(), S_IRWXU);
  DRAMATIS_DO(judge_folder(place.folder));
  PageList list;
  std::deque<std::vector<std::byte>> begun;
  std::vector<std::span<const std::byte>> pieces(1);
  for (const auto& page : tree.common(pages_within(place.max_bytes, kind.shape))) {
    if (list.roots.empty() || list.roots.back() != page.adapters) {
      if (list.roots.size() == kMaxKeptRoots || page.adapters.size() > kMaxKeptRootBytes) break;
      list.roots.emplace_back(page.adapters);
    }
    std::span<const std::byte> bytes = page.page->bytes();
    if (page.ids.size() < kPageTokens)
      bytes = begun.emplace_back(without_rest(*page.page, page.ids.size(), kind.shape));
    list.pages.push_back({.root = list.roots.size() - 1,
                          .parent = page.parent,
                          .ids = {page.ids.begin(), page.ids.end()},
                          .checksum = checksum_of(bytes)});
    pieces.push_back(bytes);
  }
  const auto head = page_file_head(list, kind);
  pieces.front() = head;
  return write_private_file(place.folder / page_file_name(kind), pieces);
}

}  // namespace dramatis::engine
