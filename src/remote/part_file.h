// A download that has not ended: its bytes, and what is known of them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "base/result.h"

namespace dramatis::remote {

// What must be known to go on.
struct PartNotes {
  std::string address{};
  std::string etag{};       // strong; empty: the service gave none
  std::uint64_t total = 0;  // bytes of the whole; 0: not known
};

// Locked while it is open, so that two processes never write into one. One thread at a time.
class PartFile {
 public:
  // `to`.part; empty where it was begun for another address. Errors: kConflict while another has
  // it; kUnavailable.
  [[nodiscard]] static Result<PartFile> open(const std::filesystem::path& to,
                                             const std::string& address);
  PartFile(PartFile&& other) noexcept;
  PartFile& operator=(PartFile&&) = delete;
  ~PartFile();  // without a byte, nothing is left

  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] const PartNotes& notes() const { return notes_; }
  // Throws what is here away.
  [[nodiscard]] Status begin_anew();
  // Written before the bytes that it speaks of.
  [[nodiscard]] Status note(PartNotes notes);
  [[nodiscard]] Status append(std::string_view bytes);
  // Of all bytes, as 64 hexadecimal digits.
  [[nodiscard]] Result<std::string> sha256() const;
  // Synced, and renamed to what it was made for; nothing is left beside it.
  [[nodiscard]] Status finish();
  // Both files are removed.
  void remove();

 private:
  PartFile(int fd, std::filesystem::path to) : fd_(fd), to_(std::move(to)) {}
  [[nodiscard]] tl::unexpected<Error> trouble(const char* doing) const;

  int fd_;
  std::filesystem::path to_;
  std::uint64_t size_ = 0;
  PartNotes notes_{};
  bool ours_ = false;  // locked, and not yet finished or removed
};

}  // namespace dramatis::remote
