// dramatis evaluate collapse: a cast, and what it answered -> what its members share and should
// not.
#include <algorithm>

#include <fmt/format.h>

#include "base/files.h"
#include "interview.h"
#include "outcome.h"
#include "persona/cast.h"
#include "study/collapse.h"
#include "study/limits.h"
#include "text/json_file.h"
#include "text/utterance.h"

namespace dramatis::app {
namespace {

// The replies of a report, each as its character's opening.
Status add_answers(const std::filesystem::path& path, std::vector<study::Presence>& cast) {
  DRAMATIS_TRY(const auto bytes, read_text_file(path, study::kMaxReportBytes));
  DRAMATIS_TRY(const auto json,
               text::parse_json_file(bytes, path.string(), study::kMaxReportBytes));
  const auto* const rows = json.find("rows");
  if (rows == nullptr || rows->as_array() == nullptr) {
    return fail(ErrorCode::kCorrupt,
                fmt::format("{} has no 'rows'; a report that `dramatis interview --out` wrote has.",
                            path.string()));
  }
  for (const auto& row : *rows->as_array()) {
    const auto *const who = row.find("character"), *const reply = row.find("reply");
    if (who == nullptr || who->as_string() == nullptr || reply == nullptr ||
        reply->as_string() == nullptr)
      continue;
    const auto found = std::ranges::find(cast, *who->as_string(), &study::Presence::character);
    if (found != cast.end()) found->openings.push_back(*reply->as_string());
  }
  return {};
}

void print_shared(std::string_view what, const std::vector<study::Shared>& shared) {
  fmt::print("{}: {}\n", what, shared.empty() ? "none" : std::to_string(shared.size()));
  for (const auto& one : shared)
    fmt::print("  {} and {}: {}\n", one.a, one.b, text::printable(one.what));
}

Result<int> evaluate(const Settings& settings, const CollapseArgs& args) {
  DRAMATIS_TRY(const auto cast, persona::load_cast(settings.path("cast")));
  auto presences = study::presences_of(cast);
  if (!args.report.empty()) DRAMATIS_DO(add_answers(args.report, presences));
  const auto collapse = study::find_collapse(presences);
  if (args.output == Output::kJson) {
    fmt::print("{}\n", text::print_json(study::json_of(collapse)));
  } else {
    print_shared("Names in two worlds", collapse.names);
    print_shared("Same openings", collapse.openings);
    print_shared("Same plots", collapse.plots);
    fmt::print("{:.0f} % of all openings are unlike all others.\n",
               100 * collapse.distinct_openings);
  }
  const bool collapsed =
      !collapse.names.empty() || !collapse.openings.empty() || !collapse.plots.empty();
  return collapsed && args.strict ? kUnderThreshold : 0;
}

}  // namespace

int run_evaluate_collapse(const Settings& settings, const CollapseArgs& args) {
  const auto done = evaluate(settings, args);
  return done ? *done : complain(done.error());
}

}  // namespace dramatis::app
