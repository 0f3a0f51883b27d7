// Pieces of a reply -> a listener: stop strings are held back, lengths bounded, the first word
// timed.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "lm/language_model.h"

namespace dramatis::remote {

// Text in, text without its stop strings out: a service may know fewer of them than were asked for.
// One thread at a time.
class StopFilter {
 public:
  explicit StopFilter(std::vector<std::string> stops) : stops_(std::move(stops)) {}

  // What may be shown; the end of it that could begin a stop string waits. Nothing after stopped().
  [[nodiscard]] std::string push(std::string_view piece);
  // The rest, when no more comes.
  [[nodiscard]] std::string finish() { return std::exchange(held_, {}); }
  [[nodiscard]] bool stopped() const { return stopped_; }

 private:
  std::vector<std::string> stops_;
  std::string held_;
  bool stopped_ = false;
};

enum class Heard { kMore, kEnough, kListenerLeft };

// The reply of one call. One thread at a time.
class Reply {
 public:
  // `sink` and `clock` outlive it.
  Reply(const lm::Sampling& how, lm::TextSink& sink, const Clock& clock);

  // kEnough: a stop string came, or more text than max_tokens can be.
  [[nodiscard]] Heard take(std::string_view piece);
  // Gives the listener what was held back.
  [[nodiscard]] Heard finish();

  // Whether any byte reached the listener: then the call may not be tried again.
  [[nodiscard]] bool spoke() const { return !text_.empty(); }
  [[nodiscard]] bool stopped() const { return filter_.stopped(); }
  [[nodiscard]] bool too_long() const { return too_long_; }
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] SteadyTime first_word() const { return first_word_; }

 private:
  [[nodiscard]] Heard pass_on(std::string_view words);

  lm::TextSink& sink_;
  const Clock& clock_;
  StopFilter filter_;
  std::size_t most_bytes_;
  std::string text_;
  SteadyTime first_word_{};
  bool too_long_ = false;
};

}  // namespace dramatis::remote
