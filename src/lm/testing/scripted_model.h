// A language model for tests: says what it was told to say, word by word, and records what it was
// asked.
#pragma once

#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "lm/language_model.h"

namespace dramatis::lm::testing {

// Answers each call with the next line of the script, then fails with kUnavailable. A line may be
// an Error instead. Thread-safe.
class ScriptedModel final : public LanguageModel {
 public:
  explicit ScriptedModel(std::deque<Result<std::string>> script) : script_(std::move(script)) {}

  [[nodiscard]] std::string name() const override { return "scripted"; }
  [[nodiscard]] std::size_t context_size() const override { return context_size_; }
  void set_context_size(std::size_t tokens) { context_size_ = tokens; }

  // A token is four bytes here.
  [[nodiscard]] Result<std::size_t> count_tokens(std::string_view text) const override {
    return (text.size() + 3) / 4;
  }

  [[nodiscard]] Result<Completion> generate(const Prompt& asked, const Sampling& how,
                                            TextSink& sink, std::stop_token stop) override {
    Result<std::string> line = next(asked, how);
    if (!line) return tl::unexpected(line.error());
    Completion said{.text = *line, .seed = how.seed.value_or(0)};
    for (std::size_t from = 0; from < line->size();) {
      const std::size_t space = line->find(' ', from);
      const std::size_t end = space == std::string::npos ? line->size() : space + 1;
      if (stop.stop_requested()) return fail(ErrorCode::kCancelled, "stopped");
      if (sink.write(std::string_view(*line).substr(from, end - from)) == Go::kStop) {
        return fail(ErrorCode::kCancelled, "stopped by the listener");
      }
      ++said.generated_tokens;
      from = end;
    }
    return said;
  }

  // Shorter replies are likelier.
  [[nodiscard]] Result<std::vector<Score>> score(const Prompt& /*asked*/,
                                                 std::span<const std::string> replies,
                                                 std::stop_token /*stop*/) override {
    std::vector<Score> scores;
    for (const auto& reply : replies) {
      scores.push_back(
          {.log_likelihood = -static_cast<double>(reply.size()), .tokens = 1 + reply.size() / 4});
    }
    return scores;
  }

  [[nodiscard]] std::vector<Prompt> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  [[nodiscard]] std::vector<Sampling> settings() const {
    const std::lock_guard lock(mutex_);
    return settings_;
  }

 private:
  Result<std::string> next(const Prompt& asked, const Sampling& how) {
    const std::lock_guard lock(mutex_);
    asked_.push_back(asked);
    settings_.push_back(how);
    if (script_.empty()) return fail(ErrorCode::kUnavailable, "The script has ended.");
    Result<std::string> line = std::move(script_.front());
    script_.pop_front();
    return line;
  }

  mutable std::mutex mutex_;
  std::deque<Result<std::string>> script_;
  std::vector<Prompt> asked_;
  std::vector<Sampling> settings_;
  std::size_t context_size_ = 4096;
};

// Gathers all that is written.
class GatheringSink final : public TextSink {
 public:
  [[nodiscard]] Go write(std::string_view text) override {
    text_ += text;
    ++pieces_;
    return Go::kOn;
  }
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] std::size_t pieces() const { return pieces_; }

 private:
  std::string text_;
  std::size_t pieces_ = 0;
};

}  // namespace dramatis::lm::testing
