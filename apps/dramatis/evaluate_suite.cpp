// dramatis evaluate suite: a file of who is asked what -> every candidate's points, thresholds, an
// exit code for machines that build.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/files.h"
#include "holding.h"
#include "interview.h"
#include "outcome.h"
#include "places.h"
#include "study/limits.h"
#include "study/suite.h"
#include "terminal.h"

namespace dramatis::app {
namespace {

constexpr std::size_t kMostSuiteBytes = 1024 * 1024;
constexpr std::uint64_t kIntervalSeed = 1;
// Where runs are to differ, temperature 0 would make them all alike.
constexpr double kRunTemperature = 0.6;

// The settings of the command line with a candidate's over them.
Result<Settings> settings_for(const study::SuiteCandidate& candidate, const SuiteArgs& args) {
  auto flags = args.flags;
  for (const auto& [key, value] : candidate.settings) {
    if (key != "baseline") flags[key] = value;
  }
  std::set<std::string, std::less<>> known;
  for (const auto& row : setting_rows()) known.emplace(row.key);
  for (const auto& [key, value] : flags) {
    if (!known.contains(key)) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("The candidate '{}' sets '{}', which is no setting; docs/settings.md "
                              "lists them.",
                              candidate.name, key));
    }
  }
  return Settings::settle({.flags = flags,
                           .variable = variable,
                           .file = settings_file(args.config),
                           .defaults = machine_defaults()});
}

struct Plan {
  study::Suite suite{};
  std::filesystem::path folder{};  // of the suite's file
  std::size_t runs = 1;
  std::size_t at_once = 1;
};

Result<Plan> plan_of(const SuiteArgs& args) {
  if (args.runs < 1 || static_cast<std::size_t>(args.runs) > study::kMaxRuns) {
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("--runs is {}; a suite runs 1 to {} times.", args.runs, study::kMaxRuns));
  }
  if (args.at_once < 1 || static_cast<std::size_t>(args.at_once) > study::kMaxAtOnce) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("--at-once is {}; it is 1 to {}.", args.at_once, study::kMaxAtOnce));
  }
  DRAMATIS_TRY(const auto yaml, read_text_file(args.suite, kMostSuiteBytes));
  Plan plan{.folder = args.suite.parent_path(),
            .runs = static_cast<std::size_t>(args.runs),
            .at_once = static_cast<std::size_t>(args.at_once)};
  DRAMATIS_TRY(plan.suite, study::parse_suite(yaml, args.suite.string()));
  if (plan.suite.candidates.empty()) plan.suite.candidates.push_back({.name = plan.suite.name});
  return plan;
}

Result<Questioning> questioning_of(const Studio& studio, const Plan& plan) {
  Questioning wish{.single = plan.suite.single,
                   .multi = plan.suite.multi,
                   .turns = plan.suite.turns,
                   .at_once = plan.at_once};
  DRAMATIS_TRY(wish.characters, ids_of(studio, plan.suite.characters));
  if (!plan.suite.questions.empty()) {
    DRAMATIS_TRY(wish.set, read_questions(plan.folder / plan.suite.questions));
  }
  return wish;
}

// Every run of one candidate, each with the next seed.
Result<std::vector<study::Scorecard>> cards_of(const study::SuiteCandidate& candidate,
                                               const Plan& plan, const SuiteArgs& args,
                                               const std::stop_token& stop) {
  DRAMATIS_TRY(const auto settings, settings_for(candidate, args));
  const auto baseline = candidate.settings.find("baseline");
  DRAMATIS_TRY(const auto studio,
               open_studio(settings, baseline == candidate.settings.end() ? std::string()
                                                                          : baseline->second));
  if (plan.runs > 1 && settings.find("temperature").from == From::kDefault)
    studio->answers.temperature = kRunTemperature;
  DRAMATIS_TRY(const auto wish, questioning_of(*studio, plan));
  std::vector<study::Scorecard> cards;
  const std::uint64_t first = studio->answers.seed;
  for (std::size_t run = 0; run < plan.runs; ++run) {
    fmt::print(stderr, "{}, run {} of {}\n", candidate.name, run + 1, plan.runs);
    studio->answers.seed = first + run;
    DRAMATIS_TRY(const auto report, hold(*studio, wish, stop));
    DRAMATIS_TRY(auto card,
                 study::grade(studio->cast, studio->examples->examples, report, kIntervalSeed));
    cards.push_back(std::move(card));
  }
  return cards;
}

Result<int> evaluate(const SuiteArgs& args) {
  Signals signals;
  const std::stop_token stop = signals.begin_work();
  const SystemClock clock;
  const SteadyTime begun = clock.steady();
  DRAMATIS_TRY(const auto plan, plan_of(args));
  auto typed = plan.suite.fail_under;
  typed.insert(typed.end(), args.fail_under.begin(), args.fail_under.end());
  DRAMATIS_TRY(const auto thresholds, thresholds_of(typed));
  std::vector<study::Candidate> candidates;
  std::optional<study::Scorecard> first;
  for (const auto& candidate : plan.suite.candidates) {
    DRAMATIS_TRY(auto cards, cards_of(candidate, plan, args, stop));
    candidates.push_back(study::candidate_of(cards, candidate.name));
    if (!first) first = study::together(std::move(cards), kIntervalSeed);
  }
  std::optional<study::Compared> compared;
  if (candidates.size() > 1) {
    DRAMATIS_TRY(compared, study::compare_candidates(std::move(candidates), kIntervalSeed));
  }
  const Outcome outcome{
      .title = plan.suite.name,
      .card = *first,
      .compared = compared ? &*compared : nullptr,
      .thresholds = thresholds,
      .took = std::chrono::duration_cast<std::chrono::seconds>(clock.steady() - begun)};
  return deliver(outcome, {.out = args.out,
                           .html = args.html,
                           .junit = args.junit,
                           .output = args.output,
                           .made = clock.now()});
}

}  // namespace

int run_evaluate_suite(const Settings& settings, const SuiteArgs& args) {
  prepare_memory(settings);
  const auto done = evaluate(args);
  return done ? *done : complain(done.error());
}

}  // namespace dramatis::app
