// A table of talks that run or ran lately, each with what its watchers have to hear.
#include "server/arena_desk.h"

#include <algorithm>

#include <fmt/format.h>

#include "server/limits.h"

namespace dramatis::server {

// One run of a talk. Its lock is never held while a model or a store is asked.
struct ArenaDesk::Live {
  std::mutex mutex;
  std::condition_variable_any changed;
  bool running = true;             // guarded by mutex, as all below
  std::optional<Error> failure{};  // of the run that has ended
  std::size_t first = 0;           // the place of lines.front()
  std::vector<arena::Line> lines{};
  std::optional<std::size_t> speaker{};  // of the line under way
  std::string words{};                   // of the same, so far
  std::stop_source stop;                 // its own lock
  std::thread thread{};                  // of a run in the background; joined by who ends it

  void end(std::optional<Error> why) {
    const std::lock_guard lock(mutex);
    running = false;
    speaker.reset();
    words.clear();
    failure = std::move(why);
    changed.notify_all();
  }
};

// What a watcher knows already.
struct ArenaDesk::Told {
  std::size_t lines = 0;  // the place of the next line
  bool begun = false;     // of that line
  std::size_t words = 0;  // bytes of the same
};

// What is new to it, taken under the lock and told without it.
struct ArenaDesk::News {
  std::vector<arena::Line> lines{};
  std::optional<std::size_t> speaker{};
  std::string words{};
  bool over = false;
};

namespace {

// Words of the line under way -> whoever watches it.
class LiveSink final : public lm::TextSink {
 public:
  explicit LiveSink(std::function<void(std::string_view)> hear) : hear_(std::move(hear)) {}
  [[nodiscard]] lm::Go write(std::string_view words) override {
    hear_(words);
    return lm::Go::kOn;
  }

 private:
  const std::function<void(std::string_view)> hear_;
};

}  // namespace

Reader ArenaDesk::tell(const News& news, Told& told, const ArenaWatch& watch) {
  for (const auto& line : news.lines) {
    if (!told.begun && watch.begins(told.lines, line.speaker) == Reader::kGone)
      return Reader::kGone;
    if (watch.line(told.lines, line) == Reader::kGone) return Reader::kGone;
    told = {.lines = told.lines + 1};
  }
  if (news.speaker && !told.begun) {
    if (watch.begins(told.lines, *news.speaker) == Reader::kGone) return Reader::kGone;
    told.begun = true;
  }
  if (news.words.empty()) return Reader::kThere;
  told.words += news.words.size();
  return watch.words(news.words);
}

// Under its lock.
ArenaDesk::News ArenaDesk::news_of(const Live& live, const Told& told) {
  News news{.over = !live.running};
  const std::size_t place = live.first + live.lines.size();
  if (place < told.lines) return news;  // the store was ahead
  if (place > told.lines) {
    const std::size_t known = told.lines - std::min(told.lines, live.first);
    news.lines.assign(live.lines.begin() + static_cast<std::ptrdiff_t>(known), live.lines.end());
  }
  news.speaker = live.speaker;
  // Of a line that was told in part, the rest.
  const std::size_t heard = news.lines.empty() ? told.words : 0;
  if (live.words.size() > heard) news.words = live.words.substr(heard);
  return news;
}

ArenaDesk::~ArenaDesk() {
  stop_all();
}

void ArenaDesk::stop_all() {
  Lives lives;
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    lives.swap(lives_);
  }
  for (const auto& [id, live] : lives) live->stop.request_stop();
  for (const auto& [id, live] : lives) {
    if (live->thread.joinable()) live->thread.join();
  }
}

Result<arena::Talk> ArenaDesk::begin(const arena::Beginning& beginning) {
  return arena::begin(beginning, {with_, talks_});
}

std::shared_ptr<ArenaDesk::Live> ArenaDesk::find_live(arena::TalkId id) const {
  const std::lock_guard lock(mutex_);
  const auto found = lives_.find(id);
  return found == lives_.end() ? nullptr : found->second;
}

// Runs that have ended make room for others; what they failed with is forgotten then.
void ArenaDesk::make_room() {
  for (auto entry = lives_.begin(); entry != lives_.end() && lives_.size() > kMaxArenasKept;) {
    std::unique_lock lock(entry->second->mutex);
    if (entry->second->running) {
      ++entry;
      continue;
    }
    lock.unlock();
    if (entry->second->thread.joinable()) entry->second->thread.join();
    entry = lives_.erase(entry);
  }
}

Result<std::shared_ptr<ArenaDesk::Live>> ArenaDesk::claim(arena::TalkId id) {
  DRAMATIS_TRY(const auto talk, talks_.find_talk(id));
  auto live = std::make_shared<Live>();
  live->first = talk.lines.size();
  const std::lock_guard lock(mutex_);
  if (ending_) return fail(ErrorCode::kUnavailable, "The service is about to end.");
  std::size_t running = 0;
  for (const auto& [other, its] : lives_) {
    const std::lock_guard its_lock(its->mutex);
    if (!its->running) continue;
    ++running;
    if (other == id)
      return fail(ErrorCode::kConflict, fmt::format("{} runs already.", print_id(id)));
  }
  if (running >= kMaxArenasAtOnce) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("{} talks run already; stop one, or come again.", running));
  }
  auto& place = lives_[id];
  if (place != nullptr && place->thread.joinable()) place->thread.join();
  place = live;
  make_room();
  return live;
}

Result<arena::Run> ArenaDesk::play(arena::TalkId id, std::size_t lines, Live& live) const {
  LiveSink sink([&live](std::string_view words) {
    const std::lock_guard lock(live.mutex);
    live.words.append(words);
    live.changed.notify_all();
  });
  const arena::Ports ports{with_, talks_};
  const auto talk = talks_.find_talk(id);
  if (!talk) return tl::unexpected(talk.error());
  const auto place_of = [&talk](const arena::Participant& who) {
    const auto found = std::ranges::find(talk->participants, who);
    return static_cast<std::size_t>(found - talk->participants.begin());
  };
  const arena::Watch watch{.begins =
                               [&](const arena::Participant& who) {
                                 const std::lock_guard lock(live.mutex);
                                 live.speaker = place_of(who);
                                 live.words.clear();
                                 live.changed.notify_all();
                               },
                           .ends =
                               [&](const arena::Participant&, const arena::Line& line) {
                                 const std::lock_guard lock(live.mutex);
                                 live.lines.push_back(line);
                                 live.speaker.reset();
                                 live.words.clear();
                                 live.changed.notify_all();
                               }};
  return arena::run(id, lines, ports, sink, watch, live.stop.get_token());
}

Status ArenaDesk::run(arena::TalkId id, std::size_t lines) {
  DRAMATIS_TRY(const auto live, claim(id));
  const std::lock_guard lock(mutex_);  // whoever joins the thread finds it
  if (ending_) {
    live->end(Error{ErrorCode::kCancelled, "The service ends."});
    return {};
  }
  live->thread = std::thread([this, id, lines, live] {
    std::optional<Error> failure;
    try {
      auto made = play(id, lines, *live);
      failure = made ? std::move(made->failure) : std::optional(made.error());
    } catch (const std::exception& thrown) {  // bad_alloc, or a library's
      failure = Error{ErrorCode::kInternal, thrown.what()};
    }
    live->end(std::move(failure));
  });
  return {};
}

Result<arena::Line> ArenaDesk::take_turn(arena::TalkId id, const std::stop_token& stop) {
  DRAMATIS_TRY(const auto live, claim(id));
  const std::stop_callback leaving(stop, [&live] { live->stop.request_stop(); });
  auto made = play(id, 1, *live);
  std::optional<Error> failure = made ? made->failure : std::optional(made.error());
  live->end(failure);
  if (failure) return tl::unexpected(*std::move(failure));
  return std::move(made->talk.lines.back());
}

Status ArenaDesk::stop(arena::TalkId id) {
  DRAMATIS_DO(talks_.find_talk(id));
  const auto live = find_live(id);
  if (live == nullptr) return {};
  live->stop.request_stop();
  std::unique_lock lock(live->mutex);
  live->changed.wait(lock, [&live] { return !live->running; });
  return {};
}

Status ArenaDesk::remove(arena::TalkId id) {
  DRAMATIS_DO(stop(id));
  return talks_.remove_talk(id);
}

ArenaDesk::Now ArenaDesk::now(arena::TalkId id) const {
  const auto live = find_live(id);
  if (live == nullptr) return {};
  const std::lock_guard lock(live->mutex);
  return {.running = live->running, .failure = live->failure};
}

Status ArenaDesk::watch(arena::TalkId id, std::size_t after, const ArenaWatch& watch,
                        const std::stop_token& stop) {
  {
    const std::lock_guard lock(mutex_);
    if (watchers_ >= kMaxArenaWatchers)
      return fail(ErrorCode::kUnavailable, fmt::format("{} watch already.", watchers_));
    ++watchers_;
  }
  struct Seat {
    ArenaDesk& desk;
    ~Seat() {
      const std::lock_guard lock(desk.mutex_);
      --desk.watchers_;
    }
  } seat{*this};
  const auto live = find_live(id);
  // After the run was found: what it adds from now on is its own to tell.
  DRAMATIS_TRY(const auto talk, talks_.find_talk(id));
  Told told{.lines = std::min(after, talk.lines.size())};
  News past{
      .lines = {talk.lines.begin() + static_cast<std::ptrdiff_t>(told.lines), talk.lines.end()}};
  if (tell(past, told, watch) == Reader::kGone || live == nullptr) return {};
  for (;;) {
    News news;
    {
      std::unique_lock lock(live->mutex);
      const auto is_new = [&] {
        const std::size_t place = live->first + live->lines.size();  // of the line under way
        const bool more = (live->speaker && !told.begun) || live->words.size() > told.words;
        return !live->running || place > told.lines || (place == told.lines && more);
      };
      if (!live->changed.wait(lock, stop, is_new)) return {};
      news = news_of(*live, told);
    }
    if (tell(news, told, watch) == Reader::kGone || news.over) return {};
  }
}

}  // namespace dramatis::server
