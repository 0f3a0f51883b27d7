// A log's sink that keeps what it is given.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/log.h"

namespace dramatis::runtime::testing {

// Thread-safe.
class GatheringLogSink final : public LogSink {
 public:
  void write(std::string_view line) override {
    const Lock lock(mutex_);
    lines_.emplace_back(line);
  }
  [[nodiscard]] std::vector<std::string> lines() const {
    const Lock lock(mutex_);
    return lines_;
  }

 private:
  mutable Mutex mutex_;
  std::vector<std::string> lines_ DRAMATIS_GUARDED_BY(mutex_);
};

}  // namespace dramatis::runtime::testing
