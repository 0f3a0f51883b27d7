// The terminal: colours, lines typed by a person, and signals as requests.
#pragma once

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include "base/result.h"

namespace dramatis::app {

// Escape sequences, or nothing where they would be noise.
struct Paint {
  std::string_view name, quiet, plain;

  // Colours for `out`, unless it is no terminal, a dumb one, or NO_COLOR is set (no-color.org).
  [[nodiscard]] static Paint for_stream(std::FILE* out);
};

// Columns of the terminal that `out` is; 0 where it is none or does not say.
[[nodiscard]] std::size_t columns_of(std::FILE* out);

// Signals of this process. SIGINT ends it until the first begin_work() or wake_fd(); after that it
// stops the work under way, or wakes who waits for a line. SIGTERM and SIGHUP ask to leave.
// Thread-safe. Made before any other thread, so that these inherit the mask.
class Signals {
 public:
  Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  ~Signals();

  // Until end_work(), SIGINT stops what holds the token.
  [[nodiscard]] std::stop_token begin_work();
  void end_work();

  // From now on signals wake whoever polls this descriptor, and are told apart by the next calls.
  [[nodiscard]] int wake_fd();
  [[nodiscard]] bool take_interrupt();  // whether SIGINT came since the last call
  [[nodiscard]] bool leaving() const { return leaving_; }

 private:
  void watch();
  void arrived(int signal);

  int signals_ = -1;               // signalfd
  int over_ = -1;                  // eventfd: this object dies
  int wake_ = -1;                  // eventfd: who waits for a line shall look
  std::atomic<bool> tame_{false};  // SIGINT no longer ends the process
  std::atomic<bool> interrupted_{false};
  std::atomic<bool> leaving_{false};
  std::mutex mutex_;
  std::optional<std::stop_source> work_;  // guarded by mutex_
  std::thread watcher_;
};

struct Typed {
  enum class What { kLine, kInterrupt, kEnd };
  What what = What::kEnd;
  std::string line{};     // without its newline
  bool was_empty = true;  // of an interrupt: nothing was typed yet
};

// Lines with editing and history. One thread at a time.
class LineEditor {
 public:
  // `history` is read, and written at the end, readable for its owner alone. `signals` outlives
  // this.
  LineEditor(const std::filesystem::path& history, Signals& signals);
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;
  ~LineEditor();

  [[nodiscard]] Typed read(const std::string& prompt);

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

// The next line of `in` without its newline, of which at most `kept` bytes are held; nothing at the
// end.
[[nodiscard]] std::optional<std::string> read_line(std::FILE* in, std::size_t kept);

}  // namespace dramatis::app
