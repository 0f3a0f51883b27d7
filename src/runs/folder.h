// A folder of training runs -> what is known of each, while they go on and after.
#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "runs/facts.h"
#include "runs/log_page.h"

namespace dramatis::runs {

enum class State {
  kLearning,  // its log grows
  kQuiet,     // it does not, and nothing says that the run is over: stopped, killed or very slow
  kEnded,
};
[[nodiscard]] std::string_view name_of(State state);  // "learning"

// A log in short.
struct Story {
  std::optional<Begin> begin{};
  std::optional<Update> latest{};
  std::optional<double> first{};     // held-out losses: of the base,
  std::optional<double> held_out{};  // of the last evaluation,
  std::optional<double> best{};      // and of the best
  std::size_t best_update = 0;
  std::size_t unread = 0;  // lines that are no entries
  bool ended = false;

  void add(const Entry& entry);
};

struct Run {
  std::string name{};  // of its folder
  State state = State::kQuiet;
  Instant written{};  // when its log last grew
  Story story{};
  std::optional<Facts> facts{};  // of its result, where there is one that can be read
};

// Thread-safe. Others write in the folder meanwhile.
class Folder {
 public:
  // `clock` outlives it.
  Folder(std::filesystem::path folder, const Clock& clock)
      : folder_(std::move(folder)), clock_(clock) {}

  // Those that have a log, whose log was written last first, at most kMaxRunsListed; none where
  // there is no folder. One that cannot be read is left out. Errors: kUnavailable.
  [[nodiscard]] Result<std::vector<Run>> list() const;
  // Errors: kNotFound; those of read_lines.
  [[nodiscard]] Result<Run> find(std::string_view name) const;
  // The lines of its log after the first `after`. Errors: the same.
  [[nodiscard]] Result<LogPage> read(std::string_view name, std::size_t after) const;

 private:
  // What was read already, so that only what is new is read.
  struct Known {
    FileMark mark{};
    std::uintmax_t bytes = 0;
    Story story{};
  };
  [[nodiscard]] Result<std::filesystem::path> log_of(std::string_view name) const;
  [[nodiscard]] Result<Known> known_of(const std::string& name,
                                       const std::filesystem::path& log) const;

  const std::filesystem::path folder_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  mutable std::map<std::string, Known, std::less<>> known_;  // guarded by mutex_
};

}  // namespace dramatis::runs
