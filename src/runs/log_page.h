// A log that somebody is still writing -> the lines that are new, however damaged the rest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "runs/entry.h"

namespace dramatis::runs {

enum class GoOn : bool { kNo, kYes };

// Bytes as they come -> whole lines; what follows the last of them is half a line.
class Lines {
 public:
  // Without its end; empty for one of more than kMaxLineBytes.
  using Hear = std::function<GoOn(std::string_view line)>;

  // Whether the hearer wants more.
  GoOn push(std::string_view bytes, const Hear& hear);
  // Bytes of the lines that were told.
  [[nodiscard]] std::uintmax_t whole_bytes() const { return whole_bytes_; }

 private:
  std::string half_;        // of a line that began in an earlier piece
  std::size_t length_ = 0;  // of that line, kept or not
  std::uintmax_t whole_bytes_ = 0;
};

// Which file it was, and how far it had come.
struct FileMark {
  std::uintmax_t device = 0;
  std::uintmax_t file = 0;  // another one once the log was begun anew
  std::uintmax_t size = 0;
  Instant written{};

  friend bool operator==(const FileMark&, const FileMark&) = default;
};

// Errors: kNotFound; kInvalidArgument for what is no regular file.
[[nodiscard]] Result<FileMark> mark_of(const std::filesystem::path& path);

// Tells the whole lines from byte `from` on, of the first kMaxLogBytes; the byte after the last.
// Errors: those of mark_of; kUnavailable.
[[nodiscard]] Result<std::uintmax_t> read_lines(const std::filesystem::path& path,
                                                std::uintmax_t from, const Lines::Hear& hear);

// A line as JSON as an entry; nothing where it is none.
[[nodiscard]] std::optional<Entry> read_entry(std::string_view line);

// Some lines of a log.
struct LogPage {
  std::vector<Entry> entries{};
  std::size_t next = 0;    // lines up to here; fewer than were asked for where the log begins anew
  bool more = false;       // lines after these
  std::size_t unread = 0;  // lines among these that are no entries
};

// Of whole lines that come one by one: those after the first `after`, at most kMaxPageEntries and
// kMaxPageBytes.
class PageMaker {
 public:
  explicit PageMaker(std::size_t after) : after_(after) {}

  GoOn hear(std::string_view line);
  [[nodiscard]] LogPage take() { return std::move(page_); }

 private:
  const std::size_t after_;
  std::size_t bytes_ = 0;
  LogPage page_;
};

// Errors: those of read_lines.
[[nodiscard]] Result<LogPage> read_page(const std::filesystem::path& path, std::size_t after);

}  // namespace dramatis::runs
