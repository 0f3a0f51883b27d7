// Two rounds of interviews, and tables of what came of them.
#include "holding.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/files.h"
#include "study/limits.h"
#include "text/utterance.h"

namespace dramatis::app {
namespace {

constexpr std::size_t kMostQuestionBytes = 16 * 1024 * 1024;
constexpr std::uint64_t kIntervalSeed = 1;

// At most `most` questions of each character.
study::QuestionSet set_of(const Studio& studio, const Questioning& wish, std::size_t most) {
  study::QuestionSet all;
  for (const auto& id : wish.characters) {
    const auto* const member = studio.cast.find_member(id);
    const auto* const world =
        member == nullptr ? nullptr : studio.cast.find_world(member->sheet.world);
    if (world == nullptr || most == 0) continue;
    if (!wish.set) {
      auto own = study::questions_from(member->sheet, *world, most);
      std::ranges::move(own.questions, std::back_inserter(all.questions));
      continue;
    }
    std::size_t taken = 0;
    for (auto question : wish.set->questions) {
      if (!question.character.empty() && question.character != id) continue;
      if (taken++ == most) break;
      // A question for everybody is one of each character's own here.
      if (question.character.empty()) question.id += "-" + id;
      question.character = id;
      all.questions.push_back(std::move(question));
    }
  }
  return all;
}

Result<std::optional<text::Journal>> open_journal(const Questioning& wish, std::string_view kind) {
  if (wish.journal.empty()) return std::optional<text::Journal>();
  const std::filesystem::path path = fmt::format("{}.{}.jsonl", wish.journal.string(), kind);
  std::error_code failed;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), failed);
  if (!wish.resumes) std::filesystem::remove(path, failed);
  if (failed) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("{} cannot be begun anew: {}.", path.string(), failed.message()));
  }
  DRAMATIS_TRY(auto journal, text::Journal::open(path));
  return std::optional<text::Journal>(std::move(journal));
}

struct Kind {
  std::string_view name;  // "single"
  std::size_t turns;
};

Result<study::InterviewReport> hold_kind(Studio& studio, const Questioning& wish,
                                         const study::QuestionSet& set, Kind kind,
                                         const std::stop_token& stop) {
  if (set.questions.empty()) return study::InterviewReport{};
  study::InterviewOptions options{.turns = kind.turns,
                                  .at_once = wish.at_once,
                                  .answers = studio.answers,
                                  .interviewer = kind.turns > 1 ? wish.interviewer : nullptr};
  options.answers.characters = wish.characters;
  DRAMATIS_TRY(auto journal, open_journal(wish, kind.name));
  Meter meter(kind.turns == 1 ? "Single questions" : "Interviews of several turns");
  return study::interview(
      studio.cast, set, studio.answerer(), options, journal ? &*journal : nullptr,
      [&meter](std::size_t done, std::size_t of) { meter.show(done, of); }, stop);
}

std::string cell_of(const study::Scores& scores, study::Dimension dimension) {
  const auto found = scores.dimensions.find(dimension);
  if (found == scores.dimensions.end()) return "-";
  const auto& interval = found->second;
  return fmt::format("{:.2f} ({:.2f}-{:.2f})", interval.mean, interval.low, interval.high);
}

void print_scores(std::string_view name, const study::Scores& scores) {
  fmt::print("{:<24}", name);
  for (const auto dimension : study::all_dimensions())
    fmt::print(" {:>18}", cell_of(scores, dimension));
  fmt::print("\n");
}

void print_head(std::string_view what) {
  fmt::print("{:<24}", what);
  for (const auto dimension : study::all_dimensions())
    fmt::print(" {:>18}", study::print(dimension));
  fmt::print("\n");
}

// What an interval of differences says.
std::string_view verdict_of(const study::Interval& difference) {
  if (difference.low > 0) return "better";
  return difference.high < 0 ? "worse" : "not surely";
}

}  // namespace

study::QuestionSet singles_of(const Studio& studio, const Questioning& wish) {
  return set_of(studio, wish, wish.single);
}

study::QuestionSet multis_of(const Studio& studio, const Questioning& wish) {
  auto set = set_of(studio, wish, wish.multi);
  for (auto& question : set.questions) {
    question.id += "-multi";
    if (!question.same_as.empty()) question.same_as += "-multi";
  }
  return set;
}

Result<study::InterviewReport> hold(Studio& studio, const Questioning& wish,
                                    const std::stop_token& stop) {
  DRAMATIS_TRY(auto single, hold_kind(studio, wish, singles_of(studio, wish), {"single", 1}, stop));
  DRAMATIS_TRY(auto multi,
               hold_kind(studio, wish, multis_of(studio, wish), {"multi", wish.turns}, stop));
  study::InterviewReport report{.answered_by = studio.model().name(), .asked_by = "script"};
  if (wish.interviewer != nullptr && !multi.rows.empty())
    report.asked_by = wish.interviewer->name();
  for (const auto& member : studio.cast.members) {
    for (auto* const rows : {&single.rows, &multi.rows}) {
      for (auto& row : *rows) {
        if (row.character == member.sheet.id) report.rows.push_back(std::move(row));
      }
      std::erase_if(*rows, [](const study::InterviewRow& row) { return row.said.empty(); });
    }
  }
  if (report.rows.empty()) return fail(ErrorCode::kInvalidArgument, "Nothing was asked.");
  return report;
}

Result<study::QuestionSet> read_questions(const std::filesystem::path& path) {
  DRAMATIS_TRY(const auto yaml, read_text_file(path, kMostQuestionBytes));
  return study::parse_questions(yaml, path.string());
}

void print_card(const study::Scorecard& card) {
  fmt::print(
      "Answered by {}, asked by {}, scored by rules: points from 1 to {}, 95 % intervals\n\n",
      text::printable(card.answered_by), text::printable(card.asked_by), study::kMostPoints);
  print_head("character");
  for (const auto& scores : card.characters) print_scores(scores.character, scores);
  print_scores("all", card.all);
  const double seconds = std::chrono::duration<double>(card.total).count();
  const auto answers = static_cast<double>(std::max<std::size_t>(1, card.answers));
  fmt::print(
      "\n{} interviews, {} answers, {:.3f} s and {:.1f} tokens each; at most {:.0f} MB of "
      "memory.\n",
      card.graded.size(), card.answers, seconds / answers,
      static_cast<double>(card.tokens) / answers, static_cast<double>(peak_memory()) / 1e6);
}

void print_panel(const study::Panel& panel) {
  fmt::print("\n");
  print_head("judge");
  for (const auto& judge : panel.judges) {
    study::Scores scores{.dimensions = judge.means(kIntervalSeed)};
    print_scores(text::printable(judge.judge), scores);
  }
  fmt::print("{:<24}", "agreement (kappa)");
  for (const auto& [dimension, kappa] : panel.agreement) fmt::print(" {:>18.2f}", kappa);
  fmt::print("\n{:<24}", "with the rules (kappa)");
  for (const auto& [dimension, kappa] : panel.with_rules) fmt::print(" {:>18.2f}", kappa);
  fmt::print("\n");
  for (const auto& judge : panel.judges) {
    if (judge.unreadable > 0)
      fmt::print("{} gave no score that can be read in {} of {} cases.\n",
                 text::printable(judge.judge), judge.unreadable, judge.of);
  }
}

void print_compared(const study::Compared& compared) {
  for (const auto& pair : compared.pairs) {
    fmt::print("\n{} against {}, {} common questions\n",
               text::printable(compared.candidates[pair.b].name),
               text::printable(compared.candidates[pair.a].name), pair.common);
    const auto row = [](std::string_view name, const study::Interval& difference) {
      fmt::print("  {:<16} {:>+7.2f}  ({:+.2f} to {:+.2f})  {}\n", name, difference.mean,
                 difference.low, difference.high, verdict_of(difference));
    };
    for (const auto& [dimension, difference] : pair.difference)
      row(study::print(dimension), difference);
    row("all", pair.all);
  }
  fmt::print("\n{:<28} {:>9} {:>10} {:>10} {:>22}\n", "candidate", "questions", "s/answer",
             "tokens", compared.league.empty() ? "" : "strength");
  for (std::size_t n = 0; n < compared.candidates.size(); ++n) {
    const auto& one = compared.candidates[n];
    const std::string strength =
        compared.league.empty() ? ""
                                : fmt::format("{:.2f} ({:.2f}-{:.2f})", compared.league[n].mean,
                                              compared.league[n].low, compared.league[n].high);
    fmt::print("{:<28} {:>9} {:>10.3f} {:>10.1f} {:>22}\n", text::printable(one.name),
               one.points.size(), one.seconds_per_answer, one.tokens_per_answer, strength);
  }
}

}  // namespace dramatis::app
