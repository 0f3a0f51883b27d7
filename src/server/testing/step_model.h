// A model that waits between its words for the test.
#pragma once

#include <condition_variable>
#include <latch>
#include <mutex>

#include "lm/language_model.h"

namespace dramatis::server::testing {

// Says "One two.", and waits after "One ". One reply at a time.
class StepModel final : public lm::LanguageModel {
 public:
  [[nodiscard]] std::string name() const override { return "steps"; }
  [[nodiscard]] std::size_t context_size() const override { return 4096; }
  [[nodiscard]] Result<std::size_t> count_tokens(std::string_view text) const override {
    return text.size() / 4 + 1;
  }
  [[nodiscard]] Result<lm::Completion> generate(const lm::Prompt&, const lm::Sampling&,
                                                lm::TextSink& sink, std::stop_token stop) override {
    lm::Completion said;
    said.text = "One two.";
    begun.count_down();
    if (sink.write("One ") == lm::Go::kStop) return fail(ErrorCode::kCancelled, "left");
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, stop, [this] { return go_on_; });
    }
    if (stop.stop_requested()) {
      stopped.count_down();
      return fail(ErrorCode::kCancelled, "stopped");
    }
    if (breaks) return fail(ErrorCode::kUnavailable, "10.0.0.7:8000 broke off with sk-secret");
    if (sink.write("two.") == lm::Go::kStop) return fail(ErrorCode::kCancelled, "left");
    return said;
  }
  [[nodiscard]] Result<std::vector<lm::Score>> score(const lm::Prompt&,
                                                     std::span<const std::string>,
                                                     std::stop_token) override {
    return fail(ErrorCode::kUnsupported, "no");
  }
  void go_on() {
    const std::lock_guard lock(mutex_);
    go_on_ = true;
    changed_.notify_all();
  }
  std::latch begun{1};
  std::latch stopped{1};
  bool breaks = false;

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool go_on_ = false;
};

}  // namespace dramatis::server::testing
