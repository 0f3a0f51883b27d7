// A service for tests of a router: says or fails as a test tells it to, without a socket.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lm/testing/scripted_model.h"
#include "remote/backend.h"

namespace dramatis::remote::testing {

// What one try comes to: words that are streamed, then a failure or the end.
struct Turn {
  std::vector<std::string> words{};
  std::optional<Failure> failure{};
};

inline Turn says(const std::string& text) {
  return {.words = {text}};
}
inline Turn fails(Failure failure) {
  return {.failure = std::move(failure)};
}
inline Turn busy(int status = 503) {
  return fails(
      {.error = {ErrorCode::kUnavailable, "busy"}, .again = Again::kYes, .status = status});
}
inline Turn lost() {
  return fails({.error = {ErrorCode::kUnavailable, "lost"}, .again = Again::kOnce});
}

// Thread-safe, as its script must be.
class ScriptedBackend final : public Backend {
 public:
  // `script` gets the number of the try, from 0.
  using Script = std::function<Turn(std::size_t, const lm::Prompt&)>;

  explicit ScriptedBackend(Script script) : script_(std::move(script)) {}

  [[nodiscard]] lm::testing::ScriptedModel& model() override { return model_; }

  [[nodiscard]] Attempt<Said> try_once(const lm::Prompt& asked, const lm::Sampling& /*how*/,
                                       lm::TextSink& sink, std::stop_token stop) override {
    const Turn turn = script_(tries_++, asked);
    Said said;
    for (const auto& words : turn.words) {
      if (stop.stop_requested() || sink.write(words) == lm::Go::kStop)
        return failed(ErrorCode::kCancelled, "stopped");
      said.completion.text += words;
      ++said.completion.generated_tokens;
    }
    if (turn.failure) return tl::unexpected(*turn.failure);
    said.completion.prompt_tokens = 7;
    return said;
  }

  [[nodiscard]] Attempt<void> feel_pulse(SteadyTime /*until*/, std::stop_token /*stop*/) override {
    ++pulses_;
    if (lives_) return {};
    return failed(ErrorCode::kUnavailable, "no pulse");
  }

  void live(bool lives) { lives_ = lives; }
  [[nodiscard]] std::size_t tries() const { return tries_; }
  [[nodiscard]] std::size_t pulses() const { return pulses_; }

 private:
  Script script_;
  lm::testing::ScriptedModel model_{{}};
  std::atomic<std::size_t> tries_{0};
  std::atomic<std::size_t> pulses_{0};
  std::atomic<bool> lives_{true};
};

// The machine's time, and as much more as a test lets pass.
class ForwardClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override {
    return Instant(std::chrono::milliseconds(1'800'000'000'000 + passed_));
  }
  [[nodiscard]] SteadyTime steady() const override {
    return std::chrono::steady_clock::now() + std::chrono::milliseconds(passed_);
  }
  void pass(std::chrono::milliseconds time) { passed_ += time.count(); }

 private:
  std::atomic<std::int64_t> passed_{0};
};

}  // namespace dramatis::remote::testing
