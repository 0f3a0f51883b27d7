// Lines in, lines out.
#include "runs/log.h"

#include <span>
#include <string>

#include <fmt/format.h>

#include "base/files.h"
#include "runs/limits.h"
#include "text/journal.h"

namespace dramatis::runs {
namespace {

// Whether a run that goes on after update `done` has still told this.
struct IsKept {
  std::size_t done;
  bool operator()(const Begin& /*one*/) const { return true; }
  bool operator()(const Update& one) const { return one.update <= done; }
  bool operator()(const Evaluation& one) const { return one.update <= done; }
  bool operator()(const End& /*one*/) const { return false; }
};

std::string print(const Entry& entry) {
  return text::print_json(text::Json(json_of(entry))) + "\n";
}

}  // namespace

Result<std::vector<Entry>> read_log(const std::filesystem::path& path) {
  DRAMATIS_TRY(const auto bytes, read_text_file(path, kMaxLogBytes));
  DRAMATIS_TRY(const auto read, text::read_records(bytes, path.string()));
  std::vector<Entry> entries;
  for (std::size_t n = 0; n < read.records.size(); ++n) {
    auto entry = entry_of(read.records[n]);
    if (!entry) {
      return fail(ErrorCode::kCorrupt, fmt::format("{}, line {}: this is no line of a run's log.",
                                                   path.string(), n + 1));
    }
    entries.push_back(*std::move(entry));
  }
  return entries;
}

Result<RunLog> RunLog::open(const std::filesystem::path& path, std::size_t done) {
  std::string kept;
  auto before = done > 0 ? read_log(path) : std::vector<Entry>();
  if (!before && before.error().code != ErrorCode::kNotFound) return tl::unexpected(before.error());
  if (before) {
    for (const auto& entry : *before) {
      if (std::visit(IsKept{done}, entry)) kept += print(entry);
    }
  }
  DRAMATIS_DO(write_file(path, std::as_bytes(std::span(kept))));
  std::ofstream file(path, std::ios::binary | std::ios::app);
  if (!file)
    return fail(ErrorCode::kUnavailable, fmt::format("{} cannot be written.", path.string()));
  return RunLog(path, std::move(file));
}

Status RunLog::add(const Entry& entry) {
  file_ << print(entry) << std::flush;
  if (!file_)
    return fail(ErrorCode::kUnavailable, fmt::format("{} cannot be written.", path_.string()));
  return {};
}

}  // namespace dramatis::runs
