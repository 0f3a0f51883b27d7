// dramatis evaluate --transcripts: conversations of other systems -> their figures.
#include <algorithm>

#include <fmt/format.h>

#include "base/files.h"
#include "interview.h"
#include "model_port.h"
#include "names.h"
#include "persona/cast.h"
#include "study/limits.h"
#include "study/rule_score.h"
#include "study/transcript.h"
#include "text/utterance.h"

namespace dramatis::app {
namespace {

// What is measured with: the cast, and the authors' lines.
struct Bench {
  const persona::Cast& cast;
  const prompt::Examples& examples;
};

struct Row {
  std::string id, name;
  std::string character{};  // of the cast; empty: nothing is known of it
  study::Measures measures{};
  std::optional<study::RuleScore> score{};  // where the author's lines are known
};

// Whose sheet the rules use: who was named on the command line, or who bears the transcript's name.
const persona::Member* member_of(const study::Transcript& transcript, const std::string& chosen,
                                 const persona::Cast& cast) {
  if (!chosen.empty()) return cast.find_member(chosen);
  for (const auto& member : cast.members) {
    const auto& sheet = member.sheet;
    if (transcript.name == sheet.name || transcript.name == sheet.short_name ||
        transcript.name == sheet.id)
      return &member;
  }
  return nullptr;
}

Result<Row> measured(const study::Transcript& transcript, const std::string& chosen,
                     const Bench& bench) {
  Row row{.id = transcript.id, .name = transcript.name};
  const auto* const member = member_of(transcript, chosen, bench.cast);
  if (member == nullptr) {
    row.measures = study::measure(transcript, {});
    return row;
  }
  row.character = member->sheet.id;
  const auto strangers = signs::Strangers::of(bench.cast, row.character);
  const study::Part part{&member->sheet, bench.cast.find_world(member->sheet.world), &strangers};
  row.measures = study::measure(transcript, part);
  DRAMATIS_TRY(row.score, study::score_by_rules(transcript, part, bench.examples));
  return row;
}

text::JsonObject json_of(const Row& row) {
  text::JsonObject json{{"id", row.id}, {"name", row.name}, {"character", row.character}};
  for (auto& member : study::json_of(row.measures)) json.push_back(std::move(member));
  if (row.score) {
    json.emplace_back("aptness", row.score->aptness);
    json.emplace_back("score", row.score->score);
  }
  return json;
}

void print_rows(const std::vector<Row>& rows) {
  constexpr std::string_view kColumns = "{:<28} {:>6} {:>7} {:>10} {:>8} {:>7} {:>7} {:>6}  {}\n";
  fmt::print(kColumns, "conversation", "turns", "words", "distinct-2", "repeats", "topic", "agrees",
             "score", "signs");
  for (const auto& row : rows) {
    std::string signs;
    for (const auto& [sign, count] : row.measures.signs)
      signs += fmt::format("{}{} {}", signs.empty() ? "" : ", ", sign, count);
    const auto& one = row.measures;
    fmt::print(kColumns, text::printable(row.id.empty() ? row.name : row.id), one.turns,
               fmt::format("{:.1f}", one.mean_words), fmt::format("{:.2f}", one.distinct_2),
               fmt::format("{:.2f}", one.self_repetition), fmt::format("{:.2f}", one.topic_drift),
               fmt::format("{:+.2f}", one.agreement_drift),
               row.score ? fmt::format("{:.2f}", row.score->score) : "-",
               signs.empty() ? "none" : signs);
  }
}

Result<int> evaluate(const Settings& settings, const TranscriptsArgs& args) {
  DRAMATIS_TRY(const auto bytes, read_text_file(args.file, study::kMaxTranscriptBytes));
  DRAMATIS_TRY(const auto transcripts, study::read_transcripts(bytes, args.file.string()));
  DRAMATIS_TRY(const auto cast, persona::load_cast(settings.path("cast")));
  DRAMATIS_TRY(const auto opened, open_examples(settings, cast));
  std::string chosen;
  if (!args.character.empty()) {
    std::vector<Named> named;
    for (const auto& member : cast.members) named.push_back({member.sheet.id, member.sheet.name});
    DRAMATIS_TRY(const std::size_t which, find_named(args.character, named));
    chosen = named[which].id;
  }
  std::vector<Row> rows;
  for (const auto& transcript : transcripts) {
    DRAMATIS_TRY(auto row, measured(transcript, chosen, {cast, opened.examples}));
    rows.push_back(std::move(row));
  }
  if (args.output == Output::kText) {
    print_rows(rows);
    return 0;
  }
  text::JsonArray list;
  for (const auto& row : rows) list.emplace_back(json_of(row));
  fmt::print("{}\n", text::print_json(text::JsonObject{{"transcripts", std::move(list)}}));
  return 0;
}

}  // namespace

int run_evaluate_transcripts(const Settings& settings, const TranscriptsArgs& args) {
  const auto done = evaluate(settings, args);
  return done ? *done : complain(done.error());
}

}  // namespace dramatis::app
