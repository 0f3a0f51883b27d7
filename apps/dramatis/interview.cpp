// dramatis interview: characters and questions -> answers with their points, a report, an exit
// code.
#include "interview.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/files.h"
#include "holding.h"
#include "outcome.h"
#include "places.h"
#include "study/limits.h"
#include "study/shelf.h"
#include "study/suite.h"
#include "terminal.h"
#include "text/json_file.h"
#include "text/utterance.h"

namespace dramatis::app {
namespace {

constexpr std::uint64_t kIntervalSeed = 1;

Result<std::size_t> judged_count(std::string_view flag, std::int64_t value, std::size_t most) {
  if (value >= 0 && static_cast<std::size_t>(value) <= most) return static_cast<std::size_t>(value);
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{} is {}; it goes to {}.", flag, value, most));
}

// A name for files: those who were asked, and who answered.
std::string name_of(const Studio& studio, const InterviewArgs& args) {
  std::string name = studio.baseline ? studio.baseline->name() : studio.opened->model->name();
  if (!studio.baseline && studio.answers.voice == study::Voice::kFree) name += " free";
  for (const auto& typed : args.characters) name += " " + typed;
  if (args.characters.empty()) name += " all";
  return name;
}

Result<Questioning> questioning_of(const Studio& studio, const InterviewArgs& args) {
  Questioning wish{.resumes = args.resumes};
  DRAMATIS_TRY(wish.characters, ids_of(studio, args.characters));
  DRAMATIS_TRY(wish.single, judged_count("--single", args.single, study::kMaxQuestions));
  DRAMATIS_TRY(const auto multi, study::parse_multi(args.multi));
  wish.multi = multi.interviews;
  wish.turns = multi.turns;
  DRAMATIS_TRY(wish.at_once, judged_count("--at-once", args.at_once, study::kMaxAtOnce));
  if (!args.questions.empty()) {
    DRAMATIS_TRY(wish.set, read_questions(args.questions));
  }
  wish.journal = args.journal;
  if (wish.journal.empty()) {
    wish.journal =
        report_folder().parent_path() / "interviews" / study::slug_of(name_of(studio, args));
  }
  return wish;
}

// Models for the parts that are not the character's.
struct Others {
  std::vector<OpenedModel> judges{};
  std::optional<OpenedModel> interviewer{};

  [[nodiscard]] std::vector<lm::LanguageModel*> panel() const {
    std::vector<lm::LanguageModel*> models;
    for (const auto& judge : judges) models.push_back(judge.model.get());
    return models;
  }
};

Result<Others> open_others(const Settings& settings, const InterviewArgs& args,
                           const Clock& clock) {
  Others others;
  for (const auto& name : args.judges) {
    DRAMATIS_TRY(auto judge, open_named_model(settings, name, clock));
    others.judges.push_back(std::move(judge));
  }
  if (!args.interviewer.empty()) {
    DRAMATIS_TRY(auto interviewer, open_named_model(settings, args.interviewer, clock));
    others.interviewer.emplace(std::move(interviewer));
  }
  return others;
}

Result<std::optional<study::Panel>> judge(const Studio& studio, const Others& others,
                                          const Questioning& wish, const study::Scorecard& card,
                                          const std::stop_token& stop) {
  if (others.judges.empty()) return std::optional<study::Panel>();
  const std::filesystem::path path = fmt::format("{}.judges.jsonl", wish.journal.string());
  if (!wish.resumes) {
    std::error_code none;
    std::filesystem::remove(path, none);
  }
  DRAMATIS_TRY(auto journal, text::Journal::open(path));
  Meter meter("Judges");
  const auto models = others.panel();
  DRAMATIS_TRY(auto panel,
               study::judge_all(
                   models, studio.cast, card, {.at_once = wish.at_once, .journal = &journal},
                   [&meter](std::size_t done, std::size_t of) { meter.show(done, of); }, stop));
  return std::optional<study::Panel>(std::move(panel));
}

// The run before this one: what --since names, or the newest report of the same title.
Result<std::optional<study::Candidate>> run_before(const InterviewArgs& args,
                                                   const study::Shelf& shelf,
                                                   const std::string& title) {
  if (!args.since.empty()) {
    DRAMATIS_TRY(const auto bytes, read_text_file(args.since, study::kMaxReportBytes));
    DRAMATIS_TRY(const auto json,
                 text::parse_json_file(bytes, args.since.string(), study::kMaxReportBytes));
    DRAMATIS_TRY(auto before, study::read_candidate(json, args.since.string()));
    return std::optional<study::Candidate>(std::move(before));
  }
  DRAMATIS_TRY(const auto ids, shelf.list());
  for (const auto& id : ids) {
    const auto json = shelf.read(id);
    if (!json || *json->find("title")->as_string() != title) continue;
    auto before = study::read_candidate(*json, id);
    if (before) return std::optional<study::Candidate>(*std::move(before));
  }
  return std::optional<study::Candidate>();
}

// What changed; nothing where the two share no question.
std::optional<study::Compared> changes(std::optional<study::Candidate> before,
                                       const study::Scorecard& card) {
  if (!before) return std::nullopt;
  before->name = "the run before";
  auto made = study::compare_candidates({*std::move(before), study::candidate_of(card, "this run")},
                                        kIntervalSeed);
  return made ? std::optional(*std::move(made)) : std::nullopt;
}

Result<int> interview(const Settings& settings, const InterviewArgs& args) {
  Signals signals;
  const std::stop_token stop = signals.begin_work();
  DRAMATIS_TRY(const auto thresholds, thresholds_of(args.fail_under));
  DRAMATIS_TRY(const auto studio, open_studio(settings, args.baseline));
  DRAMATIS_TRY(auto wish, questioning_of(*studio, args));
  if (args.writes_questions) {
    auto set = singles_of(*studio, wish);
    set.name = name_of(*studio, args);
    fmt::print("{}", study::print_questions(set));
    return 0;
  }
  DRAMATIS_TRY(const auto others, open_others(settings, args, studio->clock));
  if (others.interviewer) wish.interviewer = others.interviewer->model.get();
  const SteadyTime begun = studio->clock.steady();
  auto report = hold(*studio, wish, stop);
  if (!report) {
    fmt::print(stderr,
               "What was answered is kept; the same command with --resume does the rest.\n");
    return complain(report.error());
  }
  DRAMATIS_TRY(const auto card,
               study::grade(studio->cast, studio->examples->examples, *report, kIntervalSeed));
  DRAMATIS_TRY(const auto panel, judge(*studio, others, wish, card, stop));
  const auto took =
      std::chrono::duration_cast<std::chrono::seconds>(studio->clock.steady() - begun);
  const study::Shelf shelf(report_folder());
  const std::string title = args.title.empty() ? name_of(*studio, args) : args.title;
  DRAMATIS_TRY(auto before, run_before(args, shelf, title));
  const auto since = changes(std::move(before), card);
  const Outcome outcome{.title = title,
                        .card = card,
                        .panel = panel ? &*panel : nullptr,
                        .since = since ? &*since : nullptr,
                        .thresholds = thresholds,
                        .took = took};
  return deliver(outcome, {.out = args.out,
                           .html = args.html,
                           .junit = args.junit,
                           .output = args.output,
                           .made = studio->clock.now()});
}

}  // namespace

int run_interview(const Settings& settings, const InterviewArgs& args) {
  prepare_memory(settings);
  const auto done = interview(settings, args);
  return done ? *done : complain(done.error());
}

}  // namespace dramatis::app
