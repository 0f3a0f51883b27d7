// dramatis evaluate compare: reports of the same questions -> differences with their intervals.
#include <fmt/format.h>

#include "base/files.h"
#include "holding.h"
#include "interview.h"
#include "study/comparison.h"
#include "study/limits.h"
#include "text/json_file.h"

namespace dramatis::app {
namespace {

constexpr std::uint64_t kIntervalSeed = 1;

Result<study::Candidate> read(const std::filesystem::path& path) {
  DRAMATIS_TRY(const auto bytes, read_text_file(path, study::kMaxReportBytes));
  DRAMATIS_TRY(const auto json,
               text::parse_json_file(bytes, path.string(), study::kMaxReportBytes));
  return study::read_candidate(json, path.string());
}

Result<int> compare(const CompareArgs& args) {
  if (!args.names.empty() && args.names.size() != args.reports.size()) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("--name was said {} times for {} reports; say it for each.",
                            args.names.size(), args.reports.size()));
  }
  std::vector<study::Candidate> candidates;
  for (std::size_t n = 0; n < args.reports.size(); ++n) {
    DRAMATIS_TRY(auto candidate, read(args.reports[n]));
    candidate.name = args.names.empty() ? args.reports[n].stem().string() : args.names[n];
    candidates.push_back(std::move(candidate));
  }
  DRAMATIS_TRY(const auto compared,
               study::compare_candidates(std::move(candidates), kIntervalSeed));
  if (args.output == Output::kJson) {
    fmt::print("{}\n", text::print_json(study::json_of(compared)));
  } else {
    print_compared(compared);
  }
  return 0;
}

}  // namespace

int run_evaluate_compare(const CompareArgs& args) {
  const auto done = compare(args);
  return done ? *done : complain(done.error());
}

}  // namespace dramatis::app
