// The story of a run as lines of JSON, which a page or `compare` reads while it grows.
#pragma once

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <vector>

#include "base/result.h"
#include "runs/entry.h"

namespace dramatis::runs {

// One thread at a time.
class RunLog {
 public:
  // Goes on after update `done`: lines of later updates, which a kill has cut off from their
  // checkpoint, are taken away, and so is the last line of a run that had ended. `done` 0: begins
  // anew. Errors: kUnavailable, kCorrupt, kOverBudget.
  [[nodiscard]] static Result<RunLog> open(const std::filesystem::path& path, std::size_t done);
  // The line is with the system when this returns. Errors: kUnavailable.
  [[nodiscard]] Status add(const Entry& entry);

 private:
  RunLog(std::filesystem::path path, std::ofstream file)
      : path_(std::move(path)), file_(std::move(file)) {}
  std::filesystem::path path_;
  std::ofstream file_;
};

// The whole lines of a log; half a line at the end is passed over. Errors: kCorrupt naming the line
// that is none of ours, and those of read_text_file.
[[nodiscard]] Result<std::vector<Entry>> read_log(const std::filesystem::path& path);

}  // namespace dramatis::runs
