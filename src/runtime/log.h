// What happened -> one line of JSON each, for whoever runs the service.
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.h"
#include "base/result.h"
#include "runtime/mutex.h"

namespace dramatis::runtime {

enum class Level { kDebug, kInfo, kWarn, kError };

// "debug", "info", "warn", "error". Errors: kInvalidArgument naming them.
[[nodiscard]] Result<Level> parse_level(std::string_view text);

// Text that stands in the source. Nothing that came from outside can become one.
class Literal {
 public:
  template <std::size_t size>
  consteval Literal(const char (&text)[size])  // NOLINT(google-explicit-constructor)
      : text_(text, size - 1) {}
  [[nodiscard]] constexpr std::string_view text() const { return text_; }

 private:
  std::string_view text_;  // of a string literal, which lives as long as the program
};

// The name of a thing that the operator knows: a model, a route, a file, an NPC's id. Never words
// of a player or of a model, never a key.
struct LogName {
  std::string_view text;  // read during the call alone
};

// One fact of a line. Its types are the whole list of what may stand in a log: there is none for
// the text of a player.
struct LogField {
  Literal key;
  std::variant<std::int64_t, double, bool, Literal, LogName, ErrorCode, std::chrono::milliseconds>
      value;
};

// `{"key", whole(n)}`: counts of any type.
template <std::integral T>
[[nodiscard]] std::int64_t whole(T n) {
  return static_cast<std::int64_t>(n);
}

// Takes whole lines, each with its newline. Implementations are thread-safe.
class LogSink {
 public:
  LogSink() = default;
  LogSink(const LogSink&) = delete;
  LogSink& operator=(const LogSink&) = delete;
  virtual ~LogSink() = default;
  virtual void write(std::string_view line) = 0;
};

// To a file descriptor that somebody else opened and closes, such as standard error. What cannot be
// written is lost: a full disk ends no conversation. One write for each line, so lines of several
// processes on one pipe do not mix.
class DescriptorSink final : public LogSink {
 public:
  explicit DescriptorSink(int descriptor) : descriptor_(descriptor) {}
  void write(std::string_view line) override;

 private:
  int descriptor_;
};

// For who wants none.
class SilentSink final : public LogSink {
 public:
  void write(std::string_view /*line*/) override {}
};

// Thread-safe.
class Log {
 public:
  // Below `least` nothing is written. `sink` and `clock` outlive it.
  Log(LogSink& sink, const Clock& clock, Level least = Level::kInfo)
      : sink_(sink), clock_(clock), least_(least) {}
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  // {"time":"2026-11-21T18:00:17.123Z","level":"warn","event":"model went down","model":"big"}
  // Of warnings and errors with the same event, kMaxRepeats within kRepeatWindow are written; the
  // first one after them tells as "suppressed" how many were not. A line of more than
  // kMaxLogLineBytes loses its last fields and says so with "cut":true.
  void write(Level level, Literal event, std::initializer_list<LogField> fields = {});

  [[nodiscard]] bool writes(Level level) const { return level >= least_; }

 private:
  // How often one event was seen lately.
  struct Repeats {
    SteadyTime since{};
    int written = 0;
    std::uint64_t suppressed = 0;
  };

  // How many were suppressed before this one; nothing: this one is, too.
  [[nodiscard]] std::optional<std::uint64_t> admit(std::string_view event);

  LogSink& sink_;
  const Clock& clock_;
  const Level least_;
  Mutex mutex_;
  // By the event's text: as many as there are in the source.
  std::map<std::string_view, Repeats> repeats_ DRAMATIS_GUARDED_BY(mutex_);
};

}  // namespace dramatis::runtime
