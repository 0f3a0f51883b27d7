// A file of JSON records, one a line, that only grows: whatever was appended survives a kill.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "text/json.h"

namespace dramatis::text {

// Whole records, and how many bytes they fill.
struct Records {
  std::vector<Json> records{};
  std::size_t whole_bytes = 0;
};

// One thread at a time; one process at a time, which open() sees to.
class Journal {
 public:
  // Opens or creates it. A last line that a kill tore is cut off. Errors: kUnavailable,
  // kInvalidArgument for what is no regular file, kOverBudget past kMaxJournalBytes, kCorrupt
  // naming the line, kConflict where another process has it open.
  [[nodiscard]] static Result<Journal> open(const std::filesystem::path& path);

  Journal(Journal&& other) noexcept;
  Journal& operator=(Journal&&) = delete;
  ~Journal();

  // What it held when it was opened, oldest first.
  [[nodiscard]] const std::vector<Json>& found() const { return found_; }

  // Written and on the disk when it returns. Errors: kUnavailable, kOverBudget past
  // kMaxRecordBytes or kMaxJournalBytes.
  [[nodiscard]] Status append(const Json& record);

 private:
  Journal(int file, Records read);

  int file_ = -1;
  std::size_t bytes_ = 0;
  std::vector<Json> found_;
};

// The records of `bytes`; what follows the last of them is half a line. Errors:
// kCorrupt naming `place` and the line.
[[nodiscard]] Result<Records> read_records(std::string_view bytes, std::string_view place);

}  // namespace dramatis::text
