// Notices in memory, for tests: servers of one process may share them.
#pragma once

#include <map>
#include <mutex>

#include "accounts/notices.h"

namespace dramatis::accounts::testing {

// Thread-safe.
class MemoryNotices final : public Notices {
 public:
  [[nodiscard]] Result<Posted> post(const Notice& notice, Instant now) override {
    DRAMATIS_DO(judge(notice));
    const std::lock_guard lock(mutex_);
    std::erase_if(notices_, [now](const auto& entry) { return entry.second.until <= now; });
    return notices_.emplace(notice.name, notice).second ? Posted::kYes : Posted::kNo;
  }
  [[nodiscard]] Status replace(const Notice& notice) override {
    DRAMATIS_DO(judge(notice));
    const std::lock_guard lock(mutex_);
    notices_[notice.name] = notice;
    return {};
  }
  [[nodiscard]] Result<std::optional<Notice>> find(std::string_view name,
                                                   Instant now) const override {
    const std::lock_guard lock(mutex_);
    const auto found = notices_.find(name);
    if (found == notices_.end() || found->second.until <= now) return std::optional<Notice>();
    return std::optional<Notice>(found->second);
  }
  [[nodiscard]] Status remove(std::string_view name) override {
    const std::lock_guard lock(mutex_);
    const auto found = notices_.find(name);
    if (found != notices_.end()) notices_.erase(found);
    return {};
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, Notice, std::less<>> notices_;  // guarded by mutex_
};

}  // namespace dramatis::accounts::testing
