// A talk on the screen: who speaks, the words as they come, and how to go on.
#include "arena.h"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

#include "arena/limits.h"
#include "arena/record.h"
#include "arena/run.h"
#include "arena_find.h"
#include "base/clock.h"
#include "dialogue/turnstile.h"
#include "model_port.h"
#include "names.h"
#include "npcs.h"
#include "persona/cast.h"
#include "places.h"
#include "scene_words.h"
#include "store/database.h"
#include "terminal.h"
#include "text/json.h"
#include "text/utterance.h"
#include "word_wrap.h"

namespace dramatis::app {
namespace {

// Names in the margin of the talk: the longest of the cast has a dozen letters more.
constexpr std::size_t kIndent = 2;

// Words as they come, wrapped; nothing in them that a terminal would obey.
class Stage final : public lm::TextSink {
 public:
  explicit Stage(bool shown) : shown_(shown), paint_(Paint::for_stream(stdout)) {}

  void begin(const arena::Participant& who) {
    if (!shown_) return;
    fmt::print("{}{}{}\n", paint_.name, text::printable(who.name), paint_.plain);
    const std::size_t columns = columns_of(stdout);
    wrap_.emplace(columns > 2 * kIndent ? columns - kIndent : 0, 0);
    begun_ = true;
    fmt::print("{:{}}", "", kIndent);
  }
  [[nodiscard]] lm::Go write(std::string_view words) override {
    if (begun_) put(wrap_->push(text::printable(words)));
    return lm::Go::kOn;
  }
  void end() {
    if (!begun_) return;
    put(wrap_->finish());
    fmt::print("\n");
    std::fflush(stdout);
    begun_ = false;
  }

 private:
  static void put(const std::string& lines) {
    for (const char c : lines) {
      std::fputc(c, stdout);
      if (c == '\n') fmt::print("{:{}}", "", kIndent);
    }
    std::fflush(stdout);
  }

  const bool shown_;
  const Paint paint_;
  std::optional<WordWrap> wrap_{};
  bool begun_ = false;
};

// What a running talk works with, opened in the order in which it is used.
struct Theatre {
  Signals signals{};
  SystemClock clock{};
  persona::Cast cast{};
  std::optional<OpenedExamples> examples{};
  std::optional<OpenedModel> model{};
  std::unique_ptr<store::Database> database{};
  dialogue::Turnstile turnstile{};
  std::optional<dialogue::Models> models{};
  std::optional<dialogue::Ports> service{};

  [[nodiscard]] arena::Ports ports() const { return {*service, database->talks()}; }
};

Result<std::unique_ptr<Theatre>> open_theatre(const Settings& settings) {
  auto theatre = std::make_unique<Theatre>();
  DRAMATIS_TRY(theatre->cast, persona::load_cast(settings.path("cast")));
  DRAMATIS_TRY(auto examples, open_examples(settings, theatre->cast));
  theatre->examples.emplace(std::move(examples));
  DRAMATIS_TRY(auto model, open_model(settings, theatre->clock, Start::kWarm));
  theatre->model.emplace(std::move(model));
  DRAMATIS_TRY(theatre->database, store::open(database_address(settings)));
  const OpenedModel& opened = *theatre->model;
  theatre->models.emplace(std::vector<dialogue::ServingModel>{
      {.name = opened.model->name(), .model = *opened.model, .head = opened.head}});
  theatre->service.emplace(dialogue::Ports{theatre->database->conversations(), *theatre->models,
                                           theatre->clock, theatre->cast,
                                           theatre->examples->examples, theatre->turnstile});
  return theatre;
}

Result<std::size_t> judged_turns(std::int64_t turns) {
  if (turns >= 0 && turns <= static_cast<std::int64_t>(arena::kMaxLines))
    return static_cast<std::size_t>(turns);
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("--turns is {}; a talk has at most {} lines.", turns, arena::kMaxLines));
}

Result<std::vector<std::size_t>> members_of(const std::vector<std::string>& typed,
                                            const persona::Cast& cast) {
  std::vector<Named> named;
  for (const auto& member : cast.members) named.push_back({member.sheet.id, member.sheet.name});
  std::vector<std::size_t> found;
  for (const auto& name : typed) {
    DRAMATIS_TRY(const std::size_t which, find_named(name, named));
    found.push_back(which);
  }
  return found;
}

Result<arena::Beginning> beginning_of(const Settings& settings, const ArenaArgs& args,
                                      Theatre& theatre) {
  arena::Beginning beginning{.opening = args.opening, .note = args.note};
  DRAMATIS_TRY(const auto members, members_of(args.characters, theatre.cast));
  for (const auto member : members) {
    DRAMATIS_TRY(const auto wanted, npc_settings(settings, theatre.cast.members[member].sheet.id));
    DRAMATIS_TRY(const auto npc, find_or_add_npc(theatre.database->conversations(), theatre.cast,
                                                 wanted, Kept::kAcrossRestarts));
    beginning.npcs.push_back(npc);
  }
  for (const auto& words : args.scene) DRAMATIS_DO(set_scene(words, beginning.scene));
  DRAMATIS_TRY(beginning.order, arena::parse_order(args.named.empty() ? args.order : "named"));
  DRAMATIS_TRY(const auto named, members_of(args.named, theatre.cast));
  for (const auto one : named) {
    const auto at = std::ranges::find(members, one);
    if (at == members.end()) {
      return fail(ErrorCode::kInvalidArgument, fmt::format("--named names {}, who takes no part.",
                                                           theatre.cast.members[one].sheet.name));
    }
    beginning.named.push_back(static_cast<std::size_t>(at - members.begin()));
  }
  DRAMATIS_TRY(beginning.seed, seed_of(settings));
  return beginning;
}

void print_document(const arena::Talk& talk) {
  fmt::print("{}\n", text::print_json(arena::transcript_json(talk)));
}

// Lines until there are enough, one fails, or Ctrl-C. The exit code.
Result<int> play(Theatre& theatre, arena::TalkId id, std::size_t turns, Output output) {
  Stage stage(output == Output::kText);
  const std::stop_token stop = theatre.signals.begin_work();
  const arena::Watch watch{
      .begins = [&stage](const arena::Participant& who) { stage.begin(who); },
      .ends = [&stage](const arena::Participant&, const arena::Line&) { stage.end(); }};
  DRAMATIS_TRY(const auto made, arena::run(id, turns, theatre.ports(), stage, watch, stop));
  theatre.signals.end_work();
  stage.end();
  keep_warm(*theatre.model);
  if (output == Output::kJson) print_document(made.talk);
  std::fflush(stdout);
  const bool stopped = made.failure && made.failure->code == ErrorCode::kCancelled;
  if (made.failure && !stopped) {
    fmt::print(stderr, "{} lines are kept; go on with: dramatis arena resume {}\n",
               made.talk.lines.size(), print_id(id));
    return complain(*made.failure);
  }
  if (output == Output::kText) {
    fmt::print(stderr, "{}{} lines are kept; go on with: dramatis arena resume {}\n",
               stopped ? "Stopped. " : "", made.talk.lines.size(), print_id(id));
  }
  return 0;
}

Result<int> begin_and_play(const Settings& settings, const ArenaArgs& args) {
  DRAMATIS_TRY(const auto turns, judged_turns(args.turns));
  if (args.characters.size() < 2)
    return fail(ErrorCode::kInvalidArgument,
                "A talk needs two characters at least: dramatis arena orlando sarah");
  DRAMATIS_TRY(const auto theatre, open_theatre(settings));
  DRAMATIS_TRY(const auto beginning, beginning_of(settings, args, *theatre));
  DRAMATIS_TRY(const auto talk, arena::begin(beginning, theatre->ports()));
  return play(*theatre, talk.id, turns, args.output);
}

Result<int> resume(const Settings& settings, const ArenaArgs& args) {
  DRAMATIS_TRY(const auto turns, judged_turns(args.turns));
  DRAMATIS_TRY(const auto theatre, open_theatre(settings));
  DRAMATIS_TRY(const auto id, find_talk(theatre->database->talks(), args.talk));
  return play(*theatre, id, turns, args.output);
}

std::string names_of(const arena::Talk& talk) {
  std::string names;
  for (const auto& who : talk.participants)
    names.append(names.empty() ? "" : ", ").append(text::printable(who.name));
  return names;
}

Result<int> list(const Settings& settings, const ArenaArgs& args) {
  DRAMATIS_TRY(const auto database, store::open(database_address(settings)));
  DRAMATIS_TRY(const auto talks, database->talks().list_talks(arena::kMaxTalksListed));
  text::JsonArray rows;
  for (const auto& talk : talks) {
    DRAMATIS_TRY(const auto whole, database->talks().find_talk(talk.id));
    if (args.output == Output::kJson) {
      auto row = arena::talk_json(talk);
      row.emplace_back("line_count", whole.lines.size());
      rows.emplace_back(std::move(row));
    } else {
      fmt::print("{}  {:>4} lines  {}\n", print_id(talk.id), whole.lines.size(), names_of(talk));
    }
  }
  if (args.output == Output::kJson)
    fmt::print("{}\n", text::print_json(text::JsonObject{{"talks", std::move(rows)}}));
  return 0;
}

void print_lines(const arena::Talk& talk) {
  const Paint paint = Paint::for_stream(stdout);
  if (!talk.opening.empty())
    fmt::print("{}({}){}\n", paint.quiet, text::printable(talk.opening), paint.plain);
  for (const auto& line : talk.lines) {
    fmt::print("{}{}{}\n  {}\n", paint.name, text::printable(talk.participants[line.speaker].name),
               paint.plain, wrap_words(text::printable(line.text), columns_of(stdout), kIndent));
  }
}

Result<int> show(const Settings& settings, const ArenaArgs& args) {
  DRAMATIS_TRY(const auto database, store::open(database_address(settings)));
  DRAMATIS_TRY(const auto id, find_talk(database->talks(), args.talk));
  DRAMATIS_TRY(const auto talk, database->talks().find_talk(id));
  if (args.output == Output::kJson) {
    print_document(talk);
  } else {
    print_lines(talk);
  }
  return 0;
}

Result<int> remove(const Settings& settings, const ArenaArgs& args) {
  DRAMATIS_TRY(const auto database, store::open(database_address(settings)));
  DRAMATIS_TRY(const auto id, find_talk(database->talks(), args.talk));
  DRAMATIS_DO(database->talks().remove_talk(id));
  return 0;
}

int code_of(const Result<int>& done) {
  return done ? *done : complain(done.error());
}

}  // namespace

int run_arena(const Settings& settings, const ArenaArgs& args) {
  prepare_memory(settings);
  return code_of(begin_and_play(settings, args));
}
int run_arena_resume(const Settings& settings, const ArenaArgs& args) {
  prepare_memory(settings);
  return code_of(resume(settings, args));
}
int run_arena_list(const Settings& settings, const ArenaArgs& args) {
  return code_of(list(settings, args));
}
int run_arena_show(const Settings& settings, const ArenaArgs& args) {
  return code_of(show(settings, args));
}
int run_arena_remove(const Settings& settings, const ArenaArgs& args) {
  return code_of(remove(settings, args));
}

}  // namespace dramatis::app
