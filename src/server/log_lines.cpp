// A queue that forgets.
#include "server/log_lines.h"

namespace dramatis::server {

void LogLines::write(std::string_view line) {
  next_.write(line);
  if (line.ends_with('\n')) line.remove_suffix(1);
  const std::lock_guard lock(mutex_);
  lines_.push_back({.n = ++written_, .text = std::string(line)});
  if (lines_.size() > kMaxLogLinesKept) lines_.pop_front();
}

std::vector<LogLines::Line> LogLines::after(std::uint64_t n) const {
  const std::lock_guard lock(mutex_);
  std::vector<Line> found;
  for (const Line& line : lines_) {
    if (line.n > n) found.push_back(line);
  }
  return found;
}

}  // namespace dramatis::server
