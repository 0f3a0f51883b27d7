// The newest lines of the log, for an owner who looks at the service from afar.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/log.h"

namespace dramatis::server {

// Lines that are kept: a page or two of what happened last, 256 KiB at most.
constexpr std::size_t kMaxLogLinesKept = 1000;

// Passes lines on and keeps the newest. Thread-safe.
class LogLines final : public runtime::LogSink {
 public:
  // `next` outlives it.
  explicit LogLines(runtime::LogSink& next) : next_(next) {}

  void write(std::string_view line) override;

  struct Line {
    std::uint64_t n = 0;  // counted from 1
    std::string text{};   // JSON, without its line end
  };
  // Those after line `n`, oldest first.
  [[nodiscard]] std::vector<Line> after(std::uint64_t n) const;

 private:
  runtime::LogSink& next_;
  mutable std::mutex mutex_;
  std::deque<Line> lines_;     // guarded by mutex_
  std::uint64_t written_ = 0;  // likewise
};

}  // namespace dramatis::server
