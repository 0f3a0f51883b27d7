// One function for each address.
#include "server/arena_routes.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "arena/limits.h"
#include "arena/record.h"
#include "base/ids.h"
#include "server/fields.h"
#include "server/internal/ids.h"
#include "server/limits.h"
#include "server/problem.h"
#include "study/talk_report.h"

namespace dramatis::server {
namespace {

using text::JsonArray;
using text::JsonObject;

Result<arena::TalkId> talk_of(const Call& call) {
  const auto id = arena::parse_talk_id(call.part("talk"));
  if (id) return *id;
  return fail(ErrorCode::kNotFound, "There is no such talk.");
}

// Is it running, and if it is not, why did it end?
void add_state(const ArenaDesk& desk, arena::TalkId id, JsonObject& json) {
  const auto now = desk.now(id);
  json.emplace_back("running", now.running);
  if (now.failure && now.failure->code != ErrorCode::kCancelled)
    json.emplace_back("failure", problem_json(*now.failure));
}

JsonObject line_json(const arena::Talk& talk, std::size_t place, const arena::Line& line) {
  JsonObject json{{"place", place}, {"name", talk.participants[line.speaker].name}};
  for (auto& member : arena::line_json(line)) json.push_back(std::move(member));
  return json;
}

Response whole_json(int status, const ArenaDesk& desk, const arena::Talk& talk) {
  JsonObject json = arena::transcript_json(talk);
  add_state(desk, talk.id, json);
  return json_response(status, json);
}

// A list of words in the body.
std::vector<std::string> take_words(Fields& fields, std::string_view name) {
  std::vector<std::string> words;
  const auto rows = fields.objects(name);
  if (!rows) return words;
  for (auto row : *rows) {
    words.push_back(row.required_text("npc_id"));
    const auto judged = row.judge();
    if (!judged) fields.mistake(name, "has an entry that is not {\"npc_id\": \"npc_...\"}.");
  }
  return words;
}

Status take_scene(Fields& fields, prompt::Scene& scene) {
  auto given = fields.object("scene");
  if (!given) return {};
  const auto take = [&given](std::string_view name, std::string& into) {
    if (auto text = given->text(name)) into = *std::move(text);
  };
  take("place", scene.place);
  take("time", scene.time);
  take("status", scene.status);
  return given->judge();
}

Result<std::int64_t> judged_lines(std::int64_t lines) {
  if (lines >= 1 && lines <= kMaxArenaLines) return lines;
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("'lines' is {}; a run has 1 to {}.", lines, kMaxArenaLines));
}

Status take_order(Fields& fields, arena::Beginning& beginning) {
  if (const auto order = fields.text("order")) {
    DRAMATIS_TRY(beginning.order, arena::parse_order(*order));
  }
  for (const auto& id : take_words(fields, "named")) {
    const auto npc = parse_npc_id(id);
    const auto found = npc ? std::ranges::find(beginning.npcs, *npc) : beginning.npcs.end();
    if (found == beginning.npcs.end())
      fields.mistake("named", "names somebody who takes no part.");
    else
      beginning.named.push_back(static_cast<std::size_t>(found - beginning.npcs.begin()));
  }
  return {};
}

struct Wished {
  arena::Beginning beginning{};
  std::optional<std::int64_t> lines{};
};

Result<Wished> read_wish(const Call& call) {
  Wished wish;
  DRAMATIS_TRY(Fields fields, Fields::read(call.request.body));
  for (const auto& id : take_words(fields, "npcs")) {
    DRAMATIS_TRY(const auto npc, internal::npc_of(id));
    wish.beginning.npcs.push_back(npc);
  }
  if (auto opening = fields.text("opening")) wish.beginning.opening = *std::move(opening);
  if (auto note = fields.text("note")) wish.beginning.note = *std::move(note);
  if (const auto seed = fields.integer("seed")) {
    if (*seed < 0) fields.mistake("seed", "is less than 0.");
    wish.beginning.seed = static_cast<std::uint64_t>(*seed);
  }
  wish.lines = fields.integer("lines");
  DRAMATIS_DO(take_scene(fields, wish.beginning.scene));
  DRAMATIS_DO(take_order(fields, wish.beginning));
  DRAMATIS_DO(fields.judge());
  if (wish.lines) DRAMATIS_DO(judged_lines(*wish.lines));
  return wish;
}

Result<Response> begin_arena(ArenaDesk& desk, const Call& call) {
  DRAMATIS_TRY(const auto wish, read_wish(call));
  DRAMATIS_TRY(const auto talk, desk.begin(wish.beginning));
  if (wish.lines) DRAMATIS_DO(desk.run(talk.id, static_cast<std::size_t>(*wish.lines)));
  Response made = whole_json(201, desk, talk);
  made.headers.emplace_back("Location", "/v1/arenas/" + print_id(talk.id));
  return made;
}

Result<Response> list_arenas(const ArenaDesk& desk, const Call& call) {
  DRAMATIS_TRY(const auto limit,
               internal::number_of(call.request, "limit", kUsualPage, 1, kMaxPage));
  DRAMATIS_TRY(const auto talks, desk.list(static_cast<std::size_t>(limit)));
  JsonArray list;
  for (const auto& talk : talks) {
    JsonObject json = arena::talk_json(talk);
    add_state(desk, talk.id, json);
    list.push_back(std::move(json));
  }
  return json_response(200, JsonObject{{"arenas", std::move(list)}});
}

Result<Response> show_arena(const ArenaDesk& desk, const Call& call) {
  DRAMATIS_TRY(const auto id, talk_of(call));
  DRAMATIS_TRY(const auto talk, desk.find(id));
  return whole_json(200, desk, talk);
}

Result<Response> remove_arena(ArenaDesk& desk, const Call& call) {
  DRAMATIS_TRY(const auto id, talk_of(call));
  DRAMATIS_DO(desk.remove(id));
  return Response{.status = 204};
}

Result<Response> run_arena(ArenaDesk& desk, const Call& call) {
  DRAMATIS_TRY(const auto id, talk_of(call));
  DRAMATIS_TRY(Fields fields, Fields::read_or_empty(call.request.body));
  const std::int64_t wished = fields.integer("lines").value_or(10);
  DRAMATIS_DO(fields.judge());
  DRAMATIS_TRY(const auto lines, judged_lines(wished));
  DRAMATIS_DO(desk.run(id, static_cast<std::size_t>(lines)));
  DRAMATIS_TRY(const auto talk, desk.find(id));
  return whole_json(202, desk, talk);
}

Result<Response> stop_arena(ArenaDesk& desk, const Call& call) {
  DRAMATIS_TRY(const auto id, talk_of(call));
  DRAMATIS_DO(desk.stop(id));
  DRAMATIS_TRY(const auto talk, desk.find(id));
  return whole_json(200, desk, talk);
}

Result<Response> show_figures(const ArenaDesk& desk, const Call& call) {
  DRAMATIS_TRY(const auto id, talk_of(call));
  DRAMATIS_TRY(const auto talk, desk.find(id));
  std::vector<std::string> characters;
  for (const auto& who : talk.participants) {
    const auto npc = desk.service().store.find_npc(who.npc);
    characters.push_back(npc ? npc->settings.character : std::string());
  }
  return json_response(
      200, study::json_of(study::report_of(talk, desk.service().cast, characters), talk));
}

void take_arena_turn(ArenaDesk& desk, const Call& call, Answer& answer) {
  const auto id = talk_of(call);
  if (!id) return answer.respond(problem(id.error()));
  const auto line = desk.take_turn(*id, answer.stop());
  if (!line) return answer.respond(problem(line.error()));
  const auto talk = desk.find(*id);
  if (!talk) return answer.respond(problem(talk.error()));
  answer.respond(json_response(200, line_json(*talk, talk->lines.size() - 1, *line)));
}

// Events: `begins` {place, speaker, name}, `text` {text}, `line` {place, name, ...}, `end`
// {running, failure?}.
void watch_arena(ArenaDesk& desk, const Call& call, Answer& answer) {
  const auto id = talk_of(call);
  if (!id) return answer.respond(problem(id.error()));
  const auto after =
      internal::number_of(call.request, "after", 0, 0, static_cast<std::int64_t>(arena::kMaxLines));
  if (!after) return answer.respond(problem(after.error()));
  const auto talk = desk.find(*id);
  if (!talk) return answer.respond(problem(talk.error()));
  const auto send = [&answer](std::string_view type, const JsonObject& json) {
    return answer.send_event(type, text::print_json(json));
  };
  JsonObject beginning = arena::talk_json(*talk);
  add_state(desk, *id, beginning);
  if (send("talk", beginning) == Reader::kGone) return;
  const ArenaWatch watch{
      .begins =
          [&](std::size_t place, std::size_t speaker) {
            return send("begins", {{"place", place},
                                   {"speaker", speaker},
                                   {"name", talk->participants[speaker].name}});
          },
      .words =
          [&](std::string_view words) {
            return send("text", {{"text", words}});
          },
      .line = [&](std::size_t place,
                  const arena::Line& line) { return send("line", line_json(*talk, place, line)); }};
  const auto watched = desk.watch(*id, static_cast<std::size_t>(*after), watch, answer.stop());
  JsonObject end;
  add_state(desk, *id, end);
  if (!watched) end.emplace_back("failure", problem_json(watched.error()));
  send("end", end);
}

class Table {
 public:
  explicit Table(ArenaDesk& desk) : desk_(desk) {}

  using Replying = Result<Response> (*)(ArenaDesk&, const Call&);
  using Answering = void (*)(ArenaDesk&, const Call&, Answer&);

  void add(Route route, Replying reply) {
    route.handler = [&desk = desk_, reply](const Call& call, Answer& answer) {
      auto response = reply(desk, call);
      answer.respond(response ? *std::move(response) : problem(response.error()));
    };
    add(std::move(route));
  }
  void add(Route route, Answering answering) {
    route.handler = [&desk = desk_, answering](const Call& call, Answer& answer) {
      answering(desk, call, answer);
    };
    add(std::move(route));
  }
  [[nodiscard]] std::vector<Route> take() { return std::move(routes_); }

 private:
  void add(Route route) {
    route.caller = Caller::kWriter;
    routes_.push_back(std::move(route));
  }

  ArenaDesk& desk_;
  std::vector<Route> routes_;
};

void add_talks(Table& table) {
  table.add({.method = "POST",
             .pattern = "/v1/arenas",
             .operation = "begin_arena",
             .takes = Takes::kJson,
             .doc = {.summary = "Begin a talk of NPCs, and run it where `lines` are asked for",
                     .body = "ArenaWish",
                     .status = 201,
                     .answer = "Arena",
                     .errors = "409 422"}},
            begin_arena);
  table.add({.method = "GET",
             .pattern = "/v1/arenas",
             .operation = "list_arenas",
             .doc = {.summary = "Talks without their lines, those begun last first",
                     .query = "limit",
                     .answer = "ArenaList",
                     .errors = "422"}},
            [](ArenaDesk& its, const Call& call) { return list_arenas(its, call); });
  table.add({.method = "GET",
             .pattern = "/v1/arenas/{talk}",
             .operation = "show_arena",
             .doc = {.summary = "A talk with its lines", .answer = "Arena", .errors = "422"}},
            [](ArenaDesk& its, const Call& call) { return show_arena(its, call); });
  table.add({.method = "DELETE",
             .pattern = "/v1/arenas/{talk}",
             .operation = "remove_arena",
             .doc = {.summary = "Stop a talk and forget its lines; the conversations stay",
                     .status = 204,
                     .errors = "422"}},
            remove_arena);
}

void add_runs(Table& table) {
  table.add({.method = "POST",
             .pattern = "/v1/arenas/{talk}/run",
             .operation = "run_arena",
             .takes = Takes::kMaybeJson,
             .doc = {.summary = "So many lines more, in the background",
                     .body = "ArenaRun",
                     .status = 202,
                     .answer = "Arena",
                     .errors = "409 422"}},
            run_arena);
  table.add({.method = "POST",
             .pattern = "/v1/arenas/{talk}/stop",
             .operation = "stop_arena",
             .takes = Takes::kMaybeJson,
             .doc = {.summary = "Give up the line under way; those before it stay",
                     .answer = "Arena",
                     .errors = "422"}},
            stop_arena);
  table.add({.method = "POST",
             .pattern = "/v1/arenas/{talk}/turns",
             .operation = "take_arena_turn",
             .takes = Takes::kMaybeJson,
             .doc = {.summary = "One line more, while the caller waits",
                     .answer = "ArenaTurn",
                     .errors = "409 422 499 504"}},
            take_arena_turn);
}

void add_looks(Table& table) {
  table.add({.method = "GET",
             .pattern = "/v1/arenas/{talk}/figures",
             .operation = "show_arena_figures",
             .doc = {.summary = "What rules measure of a talk",
                     .answer = "ArenaFigures",
                     .errors = "422"}},
            [](ArenaDesk& its, const Call& call) { return show_figures(its, call); });
  table.add({.method = "GET",
             .pattern = "/v1/arenas/{talk}/events",
             .operation = "watch_arena",
             .doc = {.summary = "A talk as it is made, as events",
                     .query = "after_said",
                     .answer = "ArenaEvents",
                     .type = "text/event-stream",
                     .errors = "422"}},
            watch_arena);
}

}  // namespace

std::vector<Route> arena_routes(ArenaDesk& desk) {
  Table table(desk);
  add_talks(table);
  add_runs(table);
  add_looks(table);
  return table.take();
}

}  // namespace dramatis::server
