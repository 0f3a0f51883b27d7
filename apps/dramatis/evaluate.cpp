// dramatis evaluate checks: a cast and who answers -> a table, or JSON with every answer.
#include "evaluate.h"

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "base/clock.h"
#include "engine/engine.h"
#include "model_port.h"
#include "names.h"
#include "persona/cast.h"
#include "prompt/examples.h"
#include "studio.h"
#include "study/checks.h"
#include "study/fluency.h"
#include "study/report.h"
#include "terminal.h"
#include "text/json.h"
#include "text/utterance.h"

namespace dramatis::app {
namespace {

using std::chrono::milliseconds;

// Authored lines that fluency is measured by: enough for the 5th percentile to lie within one
// percent, and a minute on a small model.
constexpr std::size_t kAuthoredMeasured = 1000;
constexpr std::int64_t kMostThreads = 512;

// What one run gave.
struct Evaluation {
  study::CheckReport report;
  std::string answered_by;  // "hearth", "nearest line"
  std::string voice;        // as the setting says
  std::optional<study::Fluency> fluency;
};

Result<bool> is_on(std::string_view flag, std::string_view value, std::string_view on,
                   std::string_view off) {
  if (value == on || value == off) return value == on;
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{} is '{}'; it takes {} or {}.", flag, value, on, off));
}

Result<std::vector<std::string>> ids_of(const persona::Cast& cast,
                                        const std::vector<std::string>& typed) {
  std::vector<Named> named;
  for (const auto& member : cast.members) named.push_back({member.sheet.id, member.sheet.name});
  std::vector<std::string> ids;
  for (const auto& name : typed) {
    DRAMATIS_TRY(const std::size_t which, find_named(name, named));
    ids.push_back(named[which].id);
  }
  return ids;
}

Result<study::CheckOptions> options_of(const Settings& settings, const EvaluateArgs& args,
                                       const persona::Cast& cast) {
  DRAMATIS_TRY(auto options, answer_options(settings));
  DRAMATIS_TRY(const bool shown, is_on("--examples", args.examples, "on", "off"));
  options.examples = shown ? study::Shown::kExamples : study::Shown::kNothing;
  DRAMATIS_TRY(const bool told, is_on("--sheet", args.sheet, "on", "off"));
  options.sheet = told ? study::Sheet::kTold : study::Sheet::kUntold;
  DRAMATIS_TRY(options.characters, ids_of(cast, args.characters));
  return options;
}

void show_progress(std::size_t done, std::size_t of, const study::CheckRow& newest) {
  fmt::print(stderr, "{:>4}/{}  {}  {} {}\n", done, of, newest.passed ? "right" : "wrong",
             newest.id, text::printable(newest.ask));
}

// The file that was named, or the base beside the model.
Result<std::unique_ptr<lm::LanguageModel>> open_judge(const Settings& settings,
                                                      const EvaluateArgs& args) {
  DRAMATIS_TRY(const auto threads, settings.integer("threads", 0, kMostThreads));
  const auto count = static_cast<std::size_t>(threads);
  if (args.english.empty()) return open_english(settings.model_file(), count);
  DRAMATIS_TRY(auto engine, engine::Engine::load(args.english, {.threads = count}));
  return std::unique_ptr<lm::LanguageModel>(std::move(engine));
}

Result<study::Fluency> measure_fluency(const Settings& settings, const EvaluateArgs& args,
                                       const persona::Cast& cast, const study::CheckReport& report,
                                       const std::stop_token& stop) {
  DRAMATIS_TRY(const auto english, open_judge(settings, args));
  std::vector<std::string> replies;
  for (const auto& row : report.rows) replies.push_back(row.reply);
  fmt::print(stderr, "Measuring how fluent {} replies are.\n", replies.size());
  return study::fluency(*english, replies, study::authored_lines(cast, kAuthoredMeasured), stop);
}

Result<Evaluation> evaluate(const Settings& settings, const EvaluateArgs& args,
                            const persona::Cast& cast) {
  Signals signals;
  const std::stop_token stop = signals.begin_work();
  DRAMATIS_TRY(const auto options, options_of(settings, args, cast));
  DRAMATIS_TRY(const auto found, open_examples(settings, cast));
  const prompt::Examples& examples = found.examples;
  Evaluation evaluation;
  evaluation.voice = settings.find("voice").value;
  if (args.nearest) {
    DRAMATIS_TRY(evaluation.report, study::nearest_line(cast, examples, options.characters));
    evaluation.answered_by = "nearest line";
  } else {
    const SystemClock clock;
    DRAMATIS_TRY(const auto opened, open_model(settings, clock));
    DRAMATIS_TRY(evaluation.report, study::run_checks(cast, {*opened.model, examples, opened.head},
                                                      options, show_progress, stop));
    evaluation.answered_by = opened.model->name();
  }
  if (args.fluency) {
    DRAMATIS_TRY(evaluation.fluency,
                 measure_fluency(settings, args, cast, evaluation.report, stop));
  }
  return evaluation;
}

std::string percent_of(const study::Share& share) {
  return share.of == 0 ? "-" : fmt::format("{:.0f} %", share.percent());
}

std::string percent_of(std::size_t count, std::size_t of) {
  return percent_of({.count = count, .of = of});
}

constexpr std::string_view kColumns =
    "{:<24} {:>6} {:>7} {:>6} {:>6} {:>6} {:>6} {:>8} {:>9} {:>11} {:>9}\n";

void print_summary(const study::CheckSummary& sum, std::string_view name) {
  const auto first_word = std::chrono::duration_cast<milliseconds>(sum.median_first_word);
  const bool timed = sum.tokens > 0;
  fmt::print(kColumns, name, sum.passed.of, percent_of(sum.passed), percent_of(sum.breaks),
             percent_of(sum.others), percent_of(sum.ended), percent_of(sum.own, sum.passed.of),
             percent_of(sum.adapted, sum.passed.of), percent_of(sum.authored, sum.passed.of),
             timed ? fmt::format("{} ms", first_word.count()) : "-",
             timed ? fmt::format("{:.0f}", sum.tokens_per_second) : "-");
}

void print_table(const Evaluation& evaluation) {
  fmt::print("Answered by {}\n\n", text::printable(evaluation.answered_by));
  fmt::print(kColumns, "character", "checks", "passed", "break", "other", "ended", "own", "adapted",
             "authored", "first word", "tokens/s");
  for (const auto& sum : evaluation.report.characters) print_summary(sum, sum.character);
  print_summary(evaluation.report.total, "all");
  if (const auto& fluency = evaluation.fluency) {
    fmt::print("\n{} of {} replies ({}) are no worse English than 95 of 100 authored lines.\n",
               fluency->replies.count, fluency->replies.of, percent_of(fluency->replies));
  }
  fmt::print("\nAt most {:.0f} MB of memory.\n", static_cast<double>(peak_memory()) / 1e6);
}

void print_document(const Evaluation& evaluation, const EvaluateArgs& args) {
  text::JsonObject document{{"answered_by", evaluation.answered_by},
                            {"examples", args.examples},
                            {"voice", evaluation.voice},
                            {"peak_memory_bytes", peak_memory()}};
  if (evaluation.fluency) document.emplace_back("fluency", study::json_of(*evaluation.fluency));
  for (auto& member : study::json_of(evaluation.report)) document.push_back(std::move(member));
  fmt::print("{}\n", text::print_json(document));
}

}  // namespace

int run_evaluate_checks(const Settings& settings, const EvaluateArgs& args) {
  prepare_memory(settings);
  const std::filesystem::path folder =
      args.folder.empty() ? settings.path("cast") : std::filesystem::path(args.folder);
  auto cast = persona::load_cast(folder);
  if (!cast) return complain(cast.error());
  if (!args.checks.empty()) {
    const auto replaced = persona::replace_checks(*cast, args.checks);
    if (!replaced) return complain(replaced.error());
  }
  const auto evaluation = evaluate(settings, args, *cast);
  if (!evaluation) return complain(evaluation.error());
  if (args.output == Output::kJson) {
    print_document(*evaluation, args);
  } else {
    print_table(*evaluation);
  }
  return 0;
}

}  // namespace dramatis::app
