// dramatis arena evaluate: a talk -> the figures of the whole, of each speaker, and whose objective
// was moved.
#include <algorithm>

#include <fmt/format.h>

#include "arena.h"
#include "arena/limits.h"
#include "arena_find.h"
#include "persona/cast.h"
#include "places.h"
#include "store/database.h"
#include "study/talk_report.h"
#include "text/json.h"
#include "text/utterance.h"

namespace dramatis::app {
namespace {

std::string signs_of(const study::Measures& measures) {
  std::string signs;
  for (const auto& [name, count] : measures.signs)
    signs += fmt::format("{}{} {}", signs.empty() ? "" : ", ", name, count);
  return signs.empty() ? "none" : signs;
}

void print_report(const study::TalkReport& report, const arena::Talk& talk) {
  fmt::print("turns {}, mean reply length {:.1f} characters, mean reply time {:.3f} s\n\n",
             report.figures.turns, report.figures.mean_characters,
             report.figures.mean_reply_seconds);
  constexpr std::string_view kColumns = "{:<24} {:>6} {:>7} {:>10} {:>10} {:>8} {:>7} {:>7}  {}\n";
  fmt::print(kColumns, "speaker", "turns", "words", "distinct-1", "distinct-2", "repeats", "topic",
             "agrees", "signs");
  for (std::size_t n = 0; n < report.speakers.size(); ++n) {
    const auto& one = report.speakers[n];
    fmt::print(kColumns, text::printable(talk.participants[n].name), one.turns,
               fmt::format("{:.1f}", one.mean_words), fmt::format("{:.2f}", one.distinct_1),
               fmt::format("{:.2f}", one.distinct_2), fmt::format("{:.2f}", one.self_repetition),
               fmt::format("{:.2f}", one.topic_drift), fmt::format("{:+.2f}", one.agreement_drift),
               signs_of(one));
  }
  if (!report.moves.empty()) fmt::print("\n");
  for (const auto& move : report.moves) {
    fmt::print("line {:>3}: {} {} an objective of {}: {}\n", move.line + 1,
               text::printable(talk.participants[move.mover].name), study::print(move.moved),
               text::printable(talk.participants[move.owner].name),
               text::printable(move.objective));
  }
}

Result<int> evaluate(const Settings& settings, const ArenaArgs& args) {
  DRAMATIS_TRY(const auto cast, persona::load_cast(settings.path("cast")));
  DRAMATIS_TRY(const auto database, store::open(database_address(settings)));
  DRAMATIS_TRY(const auto id, find_talk(database->talks(), args.talk));
  DRAMATIS_TRY(const auto talk, database->talks().find_talk(id));
  std::vector<std::string> characters;
  for (const auto& who : talk.participants) {
    const auto npc = database->conversations().find_npc(who.npc);
    characters.push_back(npc ? npc->settings.character : std::string());
  }
  const auto report = study::report_of(talk, cast, characters);
  if (args.output == Output::kJson) {
    fmt::print("{}\n", text::print_json(study::json_of(report, talk)));
  } else {
    print_report(report, talk);
  }
  return 0;
}

}  // namespace

int run_arena_evaluate(const Settings& settings, const ArenaArgs& args) {
  const auto done = evaluate(settings, args);
  return done ? *done : complain(done.error());
}

}  // namespace dramatis::app
