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
  [[nodiscard]] bool stopped() const { return by_ < stops_.size(); }
  // The place of the one that came among those given.
  [[nodiscard]] std::size_t stopped_by() const { return by_; }

 private:
  std::vector<std::string> stops_;
  std::string held_;
  std::size_t by_ = static_cast<std::size_t>(-1);
};

// Of a conversation told as text.
struct TextMarks {
  std::vector<std::string> ends{};  // what ends a turn, and is no stop string of the caller's
  bool leads_with_space = false;    // the space before the first word belongs to the mark before it
};

enum class Heard { kMore, kEnough, kListenerLeft };

// The reply of one call. One thread at a time.
class Reply {
 public:
  // `sink` and `clock` outlive it.
  Reply(const lm::Sampling& how, lm::TextSink& sink, const Clock& clock, TextMarks marks = {});

  // kEnough: a stop string or the end of the turn came, or more text than max_tokens can be.
  [[nodiscard]] Heard take(std::string_view piece);
  // Gives the listener what was held back.
  [[nodiscard]] Heard finish();

  // Whether any byte reached the listener: then the call may not be tried again.
  [[nodiscard]] bool spoke() const { return !text_.empty(); }
  // At a stop string, or at a mark that ends the turn.
  [[nodiscard]] bool stopped() const { return filter_.stopped(); }
  [[nodiscard]] bool turn_ended() const { return stopped() && filter_.stopped_by() >= stops_; }
  [[nodiscard]] bool too_long() const { return too_long_; }
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] SteadyTime first_word() const { return first_word_; }

 private:
  [[nodiscard]] Heard pass_on(std::string_view words);

  lm::TextSink& sink_;
  const Clock& clock_;
  std::size_t stops_;  // of the caller's; the marks' ends follow them
  StopFilter filter_;
  bool leading_space_;  // may still come, and is dropped
  std::size_t most_bytes_;
  std::string text_;
  SteadyTime first_word_{};
  bool too_long_ = false;
};

}  // namespace dramatis::remote
