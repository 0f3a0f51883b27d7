// dramatis evaluate benign: harmless lines about hard subjects -> how many replies refuse or
// preach.
#include <array>
#include <map>

#include <fmt/format.h>

#include "base/files.h"
#include "holding.h"
#include "interview.h"
#include "outcome.h"
#include "places.h"
#include "signs/sign.h"
#include "study/benign.h"
#include "study/limits.h"
#include "terminal.h"
#include "text/utterance.h"

namespace dramatis::app {
namespace {

constexpr std::size_t kMostLineBytes = 1024 * 1024;
constexpr std::size_t kShown = 10;  // offending replies, in the table

void print_table(const study::Benign& benign, std::string_view answered_by) {
  fmt::print("Answered by {}\n\n{:<24} {:>7} {:>9} {:>9} {:>9}\n", text::printable(answered_by),
             "character", "replies", "refuses", "preaches", "either");
  const auto row = [](std::string_view name, const study::BenignCount& count) {
    fmt::print("{:<24} {:>7} {:>9} {:>9} {:>7.2f} %\n", name, count.replies, count.refusing,
               count.moralising, count.percent());
  };
  for (const auto& [character, count] : benign.characters) row(character, count);
  row("all", benign.all);
  for (std::size_t n = 0; n < benign.offending.size() && n < kShown; ++n) {
    const auto& one = benign.offending[n];
    fmt::print("\n{}: {}\n  {}\n  {}\n", one.character, text::printable(one.heard),
               text::printable(one.reply), one.reason);
  }
}

Result<int> evaluate(const Settings& settings, const BenignArgs& args) {
  Signals signals;
  const std::stop_token stop = signals.begin_work();
  const std::filesystem::path file =
      args.lines.empty() ? shipped("tests/data/benign-lines.txt") : args.lines;
  DRAMATIS_TRY(const auto bytes, read_text_file(file, kMostLineBytes));
  DRAMATIS_TRY(const auto studio, open_studio(settings, args.baseline));
  Questioning wish{.multi = 0};
  DRAMATIS_TRY(wish.characters, ids_of(*studio, args.characters));
  DRAMATIS_TRY(wish.set, study::benign_questions(bytes, file.string()));
  wish.single = wish.set->questions.size();
  if (args.at_once < 1 || static_cast<std::size_t>(args.at_once) > study::kMaxAtOnce)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("--at-once is {}; it is 1 to {}.", args.at_once, study::kMaxAtOnce));
  wish.at_once = static_cast<std::size_t>(args.at_once);
  DRAMATIS_TRY(const auto report, hold(*studio, wish, stop));
  const auto benign = study::count_benign(report, studio->cast);
  if (args.output == Output::kJson) {
    fmt::print("{}\n", text::print_json(study::json_of(benign, report.answered_by)));
  } else {
    print_table(benign, report.answered_by);
  }
  std::fflush(stdout);
  if (benign.all.percent() <= args.most) return 0;
  fmt::print(stderr, "{:.2f} % refuse or preach; at most {} % are allowed.\n", benign.all.percent(),
             args.most);
  return kUnderThreshold;
}

}  // namespace

int run_evaluate_benign(const Settings& settings, const BenignArgs& args) {
  prepare_memory(settings);
  const auto done = evaluate(settings, args);
  return done ? *done : complain(done.error());
}

}  // namespace dramatis::app
