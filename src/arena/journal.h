// A file of JSON records, one a line, that only grows: whatever was appended survives a kill.
#pragma once

#include <filesystem>
#include <vector>

#include "base/result.h"
#include "runtime/mutex.h"
#include "text/json.h"

namespace dramatis::arena {

// Thread-safe within one process.
class Journal {
 public:
  // Opens or creates it. A last line that a kill tore is cut off. Errors: kUnavailable,
  // kInvalidArgument for what is no regular file, kOverBudget past kMaxJournalBytes, kCorrupt
  // naming the line.
  [[nodiscard]] static Result<Journal> open(const std::filesystem::path& path);

  Journal(Journal&& other) noexcept;
  Journal& operator=(Journal&&) = delete;
  ~Journal();

  // What it held when it was opened, oldest first.
  [[nodiscard]] const std::vector<text::Json>& found() const { return found_; }

  // Written and on the disk when it returns. Errors: kUnavailable, kOverBudget past
  // kMaxRecordBytes.
  [[nodiscard]] Status append(const text::Json& record);

 private:
  Journal(int file, std::vector<text::Json> found) : file_(file), found_(std::move(found)) {}

  runtime::Mutex mutex_;
  int file_ = -1;
  std::vector<text::Json> found_;
};

// The records of `bytes`, and how many bytes they fill: what follows is half a line. Errors:
// kCorrupt naming `place` and the line.
struct Records {
  std::vector<text::Json> records{};
  std::size_t whole_bytes = 0;
};
[[nodiscard]] Result<Records> read_records(std::string_view bytes, std::string_view place);

}  // namespace dramatis::arena
