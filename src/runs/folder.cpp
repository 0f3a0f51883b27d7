// A folder in the folder is a run where it has a log.
#include "runs/folder.h"

#include <algorithm>
#include <system_error>

#include <fmt/format.h>

#include "base/plain_name.h"
#include "runs/limits.h"

namespace dramatis::runs {
namespace {

constexpr const char* kLog = "log.jsonl";

tl::unexpected<Error> no_such_run() {
  return fail(ErrorCode::kNotFound, "There is no such run.");
}

// Where the trainer writes them unless it is told another place; a folder of results alone works,
// too.
std::optional<Facts> facts_in(const std::filesystem::path& folder) {
  for (const auto& place : {folder / "result", folder}) {
    auto facts = read_facts(place);
    if (facts) return *std::move(facts);
  }
  return std::nullopt;
}

struct Add {
  Story& to;
  void operator()(const Begin& one) const { to.begin = one; }
  void operator()(const Update& one) const { to.latest = one; }
  void operator()(const Evaluation& one) const {
    if (!to.first) to.first = one.loss;
    to.held_out = one.loss;
    if (!one.is_best && to.best) return;
    to.best = one.loss;
    to.best_update = one.update;
  }
  void operator()(const End& /*one*/) const { to.ended = true; }
};

bool is_over(const Story& story, const std::optional<Facts>& facts) {
  if (story.ended) return true;
  // Logs of older programs have no last line.
  const std::size_t done = story.latest ? story.latest->update : 0;
  return facts && done > 0 && facts->updates == done && facts->best_update <= done;
}

}  // namespace

std::string_view name_of(State state) {
  if (state == State::kLearning) return "learning";
  return state == State::kQuiet ? "quiet" : "ended";
}

void Story::add(const Entry& entry) {
  std::visit(Add{*this}, entry);
}

Result<std::filesystem::path> Folder::log_of(std::string_view name) const {
  if (!is_plain_name(name)) return no_such_run();
  return folder_ / name / kLog;
}

Result<Folder::Known> Folder::known_of(const std::string& name,
                                       const std::filesystem::path& log) const {
  auto mark = mark_of(log);
  if (!mark && mark.error().code == ErrorCode::kNotFound) return no_such_run();
  if (!mark) return tl::unexpected(mark.error());
  const std::lock_guard lock(mutex_);
  Known known;
  if (const auto before = known_.find(name); before != known_.end()) known = before->second;
  if (known.mark == *mark) return known;
  const bool grew = known.mark.device == mark->device && known.mark.file == mark->file &&
                    known.bytes <= mark->size;
  if (!grew) known = {};
  known.mark = *mark;
  DRAMATIS_TRY(known.bytes, read_lines(log, known.bytes, [&known](std::string_view line) {
                 const auto entry = read_entry(line);
                 if (entry)
                   known.story.add(*entry);
                 else
                   ++known.story.unread;
                 return GoOn::kYes;
               }));
  if (known_.size() > 2 * kMaxRunsListed) known_.clear();  // runs come and go
  known_[name] = known;
  return known;
}

Result<Run> Folder::find(std::string_view name) const {
  DRAMATIS_TRY(const auto log, log_of(name));
  DRAMATIS_TRY(auto known, known_of(std::string(name), log));
  Run run{.name = std::string(name), .written = known.mark.written, .story = {}};
  run.story = std::move(known.story);
  run.facts = facts_in(log.parent_path());
  const bool is_fresh = clock_.now() - run.written < kQuietAfter;
  run.state = is_over(run.story, run.facts) ? State::kEnded
              : is_fresh                    ? State::kLearning
                                            : State::kQuiet;
  return run;
}

Result<std::vector<Run>> Folder::list() const {
  std::vector<std::pair<Instant, std::string>> names;
  std::error_code failed;
  std::filesystem::directory_iterator entry(folder_, failed);
  if (failed == std::errc::no_such_file_or_directory) return std::vector<Run>();
  for (std::size_t seen = 0;
       !failed && entry != std::filesystem::directory_iterator() && seen < kMaxFolderEntries;
       entry.increment(failed), ++seen) {
    const std::string name = entry->path().filename().string();
    if (!is_plain_name(name)) continue;
    if (const auto mark = mark_of(entry->path() / kLog)) names.emplace_back(mark->written, name);
  }
  if (failed) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("{} cannot be read: {}.", folder_.string(), failed.message()));
  }
  std::ranges::sort(names, std::ranges::greater());
  names.resize(std::min(names.size(), kMaxRunsListed));
  std::vector<Run> runs;
  for (const auto& [written, name] : names) {
    if (auto run = find(name)) runs.push_back(*std::move(run));
  }
  return runs;
}

Result<LogPage> Folder::read(std::string_view name, std::size_t after) const {
  DRAMATIS_TRY(const auto log, log_of(name));
  auto page = read_page(log, after);
  if (!page && page.error().code == ErrorCode::kNotFound) return no_such_run();
  return page;
}

}  // namespace dramatis::runs
