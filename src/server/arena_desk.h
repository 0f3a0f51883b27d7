// Talks of NPCs in the background: begun, run on threads of their own, watched by many, stopped.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "arena/run.h"
#include "base/result.h"
#include "dialogue/ports.h"
#include "server/http.h"

namespace dramatis::server {

// What a watcher is told, in this order for each line: who begins, its words as they come, the
// line. Nothing is told twice.
struct ArenaWatch {
  std::function<Reader(std::size_t place, std::size_t speaker)> begins{};
  std::function<Reader(std::string_view words)> words{};
  std::function<Reader(std::size_t place, const arena::Line& line)> line{};
};

// Thread-safe. Lines are computed in the background class: they wait for players' words, never the
// other way round. A talk runs once at a time; of another server's runs it knows the lines alone.
class ArenaDesk {
 public:
  // What it is given outlives it.
  ArenaDesk(dialogue::Ports service, arena::Store& talks) : with_{service}, talks_(talks) {}
  ArenaDesk(const ArenaDesk&) = delete;
  ArenaDesk& operator=(const ArenaDesk&) = delete;
  // Stops what runs, and waits for it.
  ~ArenaDesk();

  // Errors: those of arena::begin.
  [[nodiscard]] Result<arena::Talk> begin(const arena::Beginning& beginning);
  [[nodiscard]] Result<arena::Talk> find(arena::TalkId id) const { return talks_.find_talk(id); }
  [[nodiscard]] Result<std::vector<arena::Talk>> list(std::size_t count) const {
    return talks_.list_talks(count);
  }
  // So many lines more, on a thread of its own. Errors: kNotFound, kConflict where it runs already,
  // kUnavailable where too many do.
  [[nodiscard]] Status run(arena::TalkId id, std::size_t lines);
  // One line more, on this thread. Errors: the same, and those of arena::run_turn.
  [[nodiscard]] Result<arena::Line> take_turn(arena::TalkId id, const std::stop_token& stop);
  // The line under way is given up; those before it stay. kNotFound where there is no such talk.
  [[nodiscard]] Status stop(arena::TalkId id);
  // Stops it and removes its lines; the conversations stay.
  [[nodiscard]] Status remove(arena::TalkId id);

  // The service ends: nothing runs from now on, and whoever watches is told of the end.
  void stop_all();

  // How a talk is: what its last run here failed with, where it did.
  struct Now {
    bool running = false;
    std::optional<Error> failure{};
  };
  [[nodiscard]] Now now(arena::TalkId id) const;

  // Tells `watch` of all lines from `after` on, and of what comes, until the run ends, the reader
  // leaves, or `stop`. Errors: kNotFound; kUnavailable where too many watch.
  [[nodiscard]] Status watch(arena::TalkId id, std::size_t after, const ArenaWatch& watch,
                             const std::stop_token& stop);

  // Who speaks and what is heard.
  [[nodiscard]] const dialogue::Ports& service() const& { return with_; }
  const dialogue::Ports& service() && = delete;

 private:
  struct Live;
  struct Told;
  struct News;
  using Lives = std::map<arena::TalkId, std::shared_ptr<Live>>;

  [[nodiscard]] Result<std::shared_ptr<Live>> claim(arena::TalkId id);
  [[nodiscard]] std::shared_ptr<Live> find_live(arena::TalkId id) const;
  [[nodiscard]] Result<arena::Run> play(arena::TalkId id, std::size_t lines, Live& live) const;
  [[nodiscard]] static News news_of(const Live& live, const Told& told);
  [[nodiscard]] static Reader tell(const News& news, Told& told, const ArenaWatch& watch);
  void make_room();  // under mutex_

  const dialogue::Ports with_;
  arena::Store& talks_;
  mutable std::mutex mutex_;
  Lives lives_;               // guarded by mutex_; a run's own thread holds its Live, too
  std::size_t watchers_ = 0;  // guarded by mutex_
  bool ending_ = false;       // likewise
};

}  // namespace dramatis::server
