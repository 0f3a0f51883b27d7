// The story of a run.
#include "train/tune/tune.h"

#include <fmt/format.h>

#include "train/tune/result.h"

namespace dramatis::train::tune {
namespace {

Status make_folder(const std::filesystem::path& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (!failed) return {};
  return fail(ErrorCode::kUnavailable, fmt::format("{}: {}", folder.string(), failed.message()));
}

}  // namespace

Result<runs::Facts> tune(const Plan& plan, Start& start, const Talks& talks, const Job& job,
                         std::stop_token stop) {
  DRAMATIS_DO(make_folder(job.run));
  DRAMATIS_TRY(const auto lessons, lessons_of(talks, plan, start.speech));
  DRAMATIS_TRY(auto workers, Workers::meet(job.worker));
  DRAMATIS_TRY(const auto state, learn(start, lessons, plan, job.run, workers, job.hearers, stop));
  if (!workers.leads()) return runs::Facts{};
  DRAMATIS_TRY(auto facts, facts_of(start, lessons, talks, plan, state, RunPlaces(job.run).log));
  facts.workers = workers.count();
  DRAMATIS_DO(make_folder(job.out));
  DRAMATIS_DO(write_result(job.out, start, plan, facts));
  return facts;
}

}  // namespace dramatis::train::tune
