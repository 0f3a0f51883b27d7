// dramatis dataset report: journals -> the table, the gates, what was left out.
#include <algorithm>

#include <fmt/format.h>

#include "dataset.h"
#include "dataset_desk.h"
#include "study/collapse.h"
#include "text/utterance.h"

namespace dramatis::app {
namespace {

// Of an example, for people.
constexpr std::size_t kShownBytes = 100;

using Counts = std::map<std::string, dataset::LeftOut>;

// What is known of one character's data.
struct Told {
  std::string character{};
  std::map<std::string, dataset::Figures> figures{};  // by source
  dataset::Figures all{};
  std::map<std::string, std::size_t> items{};  // of the journals: made, kept, empty, repeats
  Counts drops{};                              // of what models wrote, on the way to an item
  Counts attempts{};                           // likewise, refused by a gate and written again
  Counts refused{};                            // items that are no data
  std::vector<std::string> answers{};          // for the comparison of the cast
};

void count(const dataset::Refusal& refusal, Counts& into) {
  auto& left = into[refusal.gate];
  ++left.count;
  if (left.examples.size() < dataset::kExamplesShown) left.examples.push_back(refusal.answer);
}

void add(const Counts& from, Counts& into) {
  for (const auto& [name, left] : from) {
    auto& sum = into[name];
    sum.count += left.count;
    for (const auto& example : left.examples) {
      if (sum.examples.size() < dataset::kExamplesShown) sum.examples.push_back(example);
    }
  }
}

// Whether anything came of an item.
bool has_come(const std::string& step, const text::Json& record) {
  if (step == "exchanges")
    return record.find("question") != nullptr && record.find("answer") != nullptr;
  if (step == "scenes") {
    const auto* scenes = record.find("scenes");
    return scenes != nullptr && scenes->as_array() != nullptr && !scenes->as_array()->empty();
  }
  return record.find("lines") != nullptr;
}

Result<Told> tell(const Desk& desk, const std::string& character) {
  Told told{.character = character};
  for (const auto& step : steps_of(desk.recipe.kind)) {
    DRAMATIS_TRY(const auto records, desk.records(character, step));
    DRAMATIS_TRY(const auto left, dataset::count_left_out(records));
    add(left.drops, told.drops);
    add(left.refusals, told.attempts);
    for (const auto& record : records) {
      if (record.find("item") == nullptr) continue;
      ++told.items[step];
      if (!has_come(step, record)) ++told.items[step + " without any"];
    }
    if (step != "scenes") continue;
    DRAMATIS_TRY(const auto plan,
                 dataset::plan_scenes(records, desk.recipe.most_scenes, desk.recipe.seed));
    told.items["scenes planned"] = plan.scenes.size();
    told.items["scenes told before"] = plan.repeats;
    told.items["scenes not wanted"] = plan.left_out;
  }
  DRAMATIS_TRY(const auto gathered, gather(desk, character));
  for (const auto& refusal : gathered.refused) count(refusal, told.refused);
  for (const auto& piece : gathered.pieces) {
    const auto figures = dataset::figures_of({&piece, 1});
    told.figures[std::string(dataset::name_of(piece.source))] += figures;
    told.all += figures;
    told.answers.push_back(piece.lines.back().text);
  }
  return told;
}

// Whether the cast answers as one: the same openings in the mouths of several.
study::Collapse collapse_of(const Desk& desk, const std::vector<Told>& all) {
  std::vector<study::Presence> presences;
  for (const auto& told : all) {
    const auto& sheet = desk.studio.cast.find_member(told.character)->sheet;
    presences.push_back({.character = told.character,
                         .world = sheet.world,
                         .names = {},
                         .openings = told.answers,
                         .plots = {}});
  }
  return study::find_collapse(presences);
}

text::JsonObject json_of(const dataset::Figures& figures) {
  return {{"pieces", figures.pieces},           {"turns", figures.turns},
          {"thoughts", figures.thoughts},       {"words", figures.words},
          {"turns_each", figures.turns_each()}, {"words_each", figures.words_each()}};
}

text::JsonObject json_of(const Counts& counts) {
  text::JsonObject printed;
  for (const auto& [name, left] : counts) {
    text::JsonArray examples;
    for (const auto& example : left.examples) examples.emplace_back(example);
    printed.emplace_back(
        name, text::JsonObject{{"count", left.count}, {"examples", std::move(examples)}});
  }
  return printed;
}

text::JsonObject json_of(const Told& told) {
  text::JsonObject items, figures;
  for (const auto& [name, number] : told.items) items.emplace_back(name, number);
  for (const auto& [source, some] : told.figures) figures.emplace_back(source, json_of(some));
  return {{"character", told.character},     {"items", std::move(items)},
          {"figures", std::move(figures)},   {"all", json_of(told.all)},
          {"dropped", json_of(told.drops)},  {"written_again", json_of(told.attempts)},
          {"refused", json_of(told.refused)}};
}

void print_counts(const char* title, const Counts& counts) {
  if (counts.empty()) return;
  fmt::print("\n{}\n", title);
  for (const auto& [name, left] : counts) {
    fmt::print("  {:<16} {:>6}\n", name, left.count);
    for (const auto& example : left.examples) {
      std::string shown = text::printable(example.substr(0, example.find('\n')));
      if (shown.size() > kShownBytes) shown = text::printable(shown.substr(0, kShownBytes)) + "...";
      if (!shown.empty()) fmt::print("      {}\n", shown);
    }
  }
}

void print_row(const std::string& character, const std::string& source,
               const dataset::Figures& figures) {
  fmt::print("{:<26} {:<12} {:>7} {:>9} {:>9} {:>9} {:>8.1f} {:>8.1f}\n", character, source,
             figures.pieces, figures.turns, figures.thoughts, figures.words, figures.turns_each(),
             figures.words_each());
}

void print_all(const std::vector<Told>& all, const study::Collapse& collapse) {
  fmt::print("{:<26} {:<12} {:>7} {:>9} {:>9} {:>9} {:>8} {:>8}\n", "character", "source", "pieces",
             "turns", "thoughts", "words", "turns/", "words/");
  dataset::Figures sum;
  for (const auto& told : all) {
    for (const auto& [source, figures] : told.figures) print_row(told.character, source, figures);
    sum += told.all;
  }
  print_row("together", "", sum);
  for (const auto& told : all) {
    fmt::print("\n{}:", told.character);
    for (const auto& [name, number] : told.items) fmt::print(" {} {};", number, name);
    fmt::print("\n");
    print_counts("Dropped from what models wrote, by reason", told.drops);
    print_counts("Refused by a gate and written again", told.attempts);
    print_counts("Refused, and no data", told.refused);
  }
  if (all.size() < 2) return;
  fmt::print(
      "\nThe cast together: {:.0f} of a hundred answers begin differently; {} openings are "
      "shared by two characters.\n",
      100 * collapse.distinct_openings, collapse.openings.size());
  for (std::size_t n = 0; n < std::min<std::size_t>(collapse.openings.size(), 5); ++n) {
    const auto& shared = collapse.openings[n];
    fmt::print("  {} and {}: {}\n", shared.a, shared.b, text::printable(shared.what));
  }
}

Result<int> report(const Settings& settings, const DatasetArgs& args) {
  DRAMATIS_TRY(const auto desk, open_desk(settings, args));
  std::vector<Told> all;
  for (const auto& character : desk->characters) {
    DRAMATIS_TRY(auto told, tell(*desk, character));
    all.push_back(std::move(told));
  }
  const auto collapse = collapse_of(*desk, all);
  if (args.output == Output::kText) {
    print_all(all, collapse);
    return 0;
  }
  text::JsonArray characters;
  for (const auto& told : all) characters.emplace_back(json_of(told));
  DRAMATIS_TRY(const auto cost, cost_so_far(*desk));
  fmt::print("{}\n", text::print_json(text::JsonObject{{"characters", std::move(characters)},
                                                       {"cost", dataset::json_of(cost)},
                                                       {"collapse", study::json_of(collapse)}}));
  return 0;
}

}  // namespace

int run_dataset_report(const Settings& settings, const DatasetArgs& args) {
  const auto done = report(settings, args);
  return done ? *done : complain(done.error());
}

}  // namespace dramatis::app
