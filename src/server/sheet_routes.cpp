// One function for each address.
#include "server/sheet_routes.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/ids.h"
#include "server/fields.h"
#include "server/problem.h"
#include "text/yaml.h"

namespace dramatis::server {
namespace {

using text::Json;
using text::JsonArray;
using text::JsonObject;

// The NPCs that play a character.
JsonArray npcs_of(const std::string& character, const std::vector<dialogue::Npc>& npcs) {
  JsonArray ids;
  for (const auto& npc : npcs) {
    if (npc.settings.character == character) ids.push_back(print_id(npc.id));
  }
  return ids;
}

Result<Response> list_cast(const SheetDesk& desk, const dialogue::Store& store) {
  DRAMATIS_TRY(const auto npcs, store.list_npcs());
  JsonArray list;
  for (const persona::Member* member : desk.cast().members_now()) {
    const persona::Character& sheet = member->sheet;
    const persona::World* world = desk.cast().find_world(sheet.world);
    JsonObject json{{"character", sheet.id},
                    {"name", sheet.name},
                    {"short_name", sheet.short_name},
                    {"title", sheet.title},
                    {"world", sheet.world},
                    {"world_name", world == nullptr ? sheet.world : world->name},
                    {"summary", sheet.summary},
                    {"speaks_first", sheet.speaks_first},
                    {"npc_ids", npcs_of(sheet.id, npcs)}};
    if (desk.has_portrait({sheet.world, sheet.id}))
      json.emplace_back("portrait", fmt::format("/v1/cast/{}/portrait", sheet.id));
    list.push_back(std::move(json));
  }
  return json_response(200, JsonObject{{"characters", std::move(list)}});
}

Result<Response> show_portrait(const SheetDesk& desk, const Call& call) {
  const persona::Member* member = desk.cast().find_member(call.part("character"));
  if (member == nullptr) return fail(ErrorCode::kNotFound, "The cast has no such character.");
  DRAMATIS_TRY(auto portrait, desk.portrait({member->sheet.world, member->sheet.id}));
  return Response{.content_type = std::move(portrait.content_type),
                  .body = std::move(portrait.bytes),
                  .headers = {{"Cache-Control", "private, max-age=300"}}};
}

// The tree of a sheet as a form reads it: every scalar as it was written.
Json tree_json(const text::YamlNode& node) {
  using Kind = text::YamlNode::Kind;
  if (node.kind == Kind::kList) {
    JsonArray list;
    for (const auto& item : node.items) list.push_back(tree_json(item));
    return list;
  }
  if (node.kind == Kind::kMap) {
    JsonObject map;
    for (const auto& [key, value] : node.members) map.emplace_back(key.scalar, tree_json(value));
    return map;
  }
  const bool truth = !node.quoted && (node.scalar == "true" || node.scalar == "false");
  return truth ? Json(node.scalar == "true") : Json(node.scalar);
}

JsonArray findings_json(const std::vector<persona::Finding>& findings) {
  JsonArray list;
  for (const auto& finding : findings) {
    const bool error = finding.severity == persona::Severity::kError;
    list.push_back(JsonObject{{"line", finding.line},
                              {"field", finding.field},
                              {"severity", error ? "error" : "warning"},
                              {"what", finding.what},
                              {"suggestion", finding.suggestion}});
  }
  return list;
}

Response sheet_json(const SheetName& name, const JudgedSheet& judged) {
  const auto tree = text::parse_yaml(judged.yaml);
  const bool map = tree && tree->kind == text::YamlNode::Kind::kMap;
  return json_response(200, JsonObject{{"kind", name.is_world() ? "world" : "character"},
                                       {"id", fmt::format("{}/{}", name.world, name.name)},
                                       {"yaml", judged.yaml},
                                       {"fields", map ? tree_json(*tree) : Json()},
                                       {"findings", findings_json(judged.findings)}});
}

Result<Response> list_sheets(const SheetDesk& desk) {
  JsonArray list;
  const auto add = [&list](std::string_view kind, const std::string& world, const std::string& id,
                           const std::string& name) {
    list.push_back(JsonObject{
        {"kind", kind}, {"id", fmt::format("{}/{}", world, id)}, {"name", name}, {"world", world}});
  };
  const auto members = desk.cast().members_now();
  for (const persona::World* world : desk.cast().worlds_now()) {
    add("world", world->id, "world", world->name);
    for (const persona::Member* member : members) {
      if (member->sheet.world == world->id)
        add("character", world->id, member->sheet.id, member->sheet.name);
    }
  }
  return json_response(200, JsonObject{{"sheets", std::move(list)}});
}

Result<SheetName> named(const Call& call) {
  return sheet_name(call.part("world"), call.part("name"));
}

// Of what is to be there: a name in no shape of ours is nobody's.
Result<SheetName> known(const Call& call) {
  const auto name = named(call);
  if (name) return *name;
  return fail(ErrorCode::kNotFound, "The cast has no such sheet.");
}

Result<Response> show_sheet(const SheetDesk& desk, const Call& call) {
  DRAMATIS_TRY(const auto name, known(call));
  DRAMATIS_TRY(const auto judged, desk.read(name));
  return sheet_json(name, judged);
}

Result<Response> judge_sheet(const SheetDesk& desk, const Call& call) {
  DRAMATIS_TRY(const auto name, named(call));
  DRAMATIS_TRY(Fields fields, Fields::read(call.request.body));
  std::string yaml = fields.required_text("yaml");
  DRAMATIS_DO(fields.judge());
  return sheet_json(name, desk.judge(name, std::move(yaml)));
}

Result<Response> save_sheet(SheetDesk& desk, const Call& call) {
  DRAMATIS_TRY(const auto name, named(call));
  DRAMATIS_TRY(Fields fields, Fields::read(call.request.body));
  std::string yaml = fields.required_text("yaml");
  DRAMATIS_DO(fields.judge());
  DRAMATIS_TRY(const auto judged, desk.save(name, std::move(yaml)));
  return sheet_json(name, judged);
}

Result<Response> list_versions(const SheetDesk& desk, const Call& call) {
  DRAMATIS_TRY(const auto name, known(call));
  DRAMATIS_TRY(const auto kept, desk.versions(name));
  JsonArray list;
  for (const auto& version : kept) {
    list.push_back(
        JsonObject{{"version", version.name}, {"bytes", static_cast<std::int64_t>(version.bytes)}});
  }
  return json_response(200, JsonObject{{"versions", std::move(list)}});
}

Result<Response> show_version(const SheetDesk& desk, const Call& call) {
  DRAMATIS_TRY(const auto name, known(call));
  DRAMATIS_TRY(const auto judged, desk.read_version(name, call.part("version")));
  return sheet_json(name, judged);
}

template <class Ask>
std::function<void(const Call&, Answer&)> answering(Ask ask) {
  return [ask](const Call& call, Answer& answer) {
    Result<Response> made = ask(call);
    answer.respond(made ? *std::move(made) : problem(made.error()));
  };
}

// Joins rows with what answers them.
class Table {
 public:
  template <class Ask>
  void add(Route route, Ask ask) {
    route.handler = answering(ask);
    routes_.push_back(std::move(route));
  }
  [[nodiscard]] std::vector<Route> take() { return std::move(routes_); }

 private:
  std::vector<Route> routes_;
};

void add_cast(Table& table, const SheetDesk& desk, const dialogue::Store& store) {
  table.add({.method = "GET",
             .pattern = "/v1/cast",
             .operation = "list_cast",
             .caller = Caller::kPlayer,
             .doc = {.summary = "The characters that NPCs can play", .answer = "CastList"}},
            [&desk, &store](const Call&) { return list_cast(desk, store); });
  // Browsers send no key with a picture.
  table.add({.method = "GET",
             .pattern = "/v1/cast/{character}/portrait",
             .operation = "show_portrait",
             .caller = Caller::kAnybody,
             .doc = {.summary = "A character's portrait",
                     .answer = "Picture",
                     .type = "image/png image/jpeg image/webp",
                     .errors = "413"}},
            [&desk](const Call& call) { return show_portrait(desk, call); });
}

void add_sheets(Table& table, SheetDesk& desk) {
  table.add({.method = "GET",
             .pattern = "/v1/sheets",
             .operation = "list_sheets",
             .caller = Caller::kWriter,
             .doc = {.summary = "The sheets of worlds and characters", .answer = "SheetList"}},
            [&desk](const Call&) { return list_sheets(desk); });
  table.add({.method = "GET",
             .pattern = "/v1/sheets/{world}/{name}",
             .operation = "show_sheet",
             .caller = Caller::kWriter,
             .doc = {.summary = "A sheet, and what `dramatis lint` says of it",
                     .answer = "Sheet",
                     .errors = "413"}},
            [&desk](const Call& call) { return show_sheet(desk, call); });
  table.add({.method = "PUT",
             .pattern = "/v1/sheets/{world}/{name}",
             .operation = "save_sheet",
             .caller = Caller::kWriter,
             .takes = Takes::kJson,
             .doc = {.summary = "Save a sheet without errors, which is played from the next turn "
                                "on; the one before becomes a version",
                     .body = "SheetText",
                     .answer = "Sheet"}},
            [&desk](const Call& call) { return save_sheet(desk, call); });
  table.add({.method = "POST",
             .pattern = "/v1/sheets/{world}/{name}/lint",
             .operation = "lint_sheet",
             .caller = Caller::kWriter,
             .takes = Takes::kJson,
             .doc = {.summary = "What would be said of such a sheet; nothing is saved",
                     .body = "SheetText",
                     .answer = "Sheet"}},
            [&desk](const Call& call) { return judge_sheet(desk, call); });
}

void add_versions(Table& table, const SheetDesk& desk) {
  table.add({.method = "GET",
             .pattern = "/v1/sheets/{world}/{name}/versions",
             .operation = "list_sheet_versions",
             .caller = Caller::kWriter,
             .doc = {.summary = "What a sheet was before", .answer = "SheetVersionList"}},
            [&desk](const Call& call) { return list_versions(desk, call); });
  table.add({.method = "GET",
             .pattern = "/v1/sheets/{world}/{name}/versions/{version}",
             .operation = "show_sheet_version",
             .caller = Caller::kWriter,
             .doc = {.summary = "A sheet as it was", .answer = "Sheet", .errors = "413"}},
            [&desk](const Call& call) { return show_version(desk, call); });
}

}  // namespace

std::vector<Route> sheet_routes(SheetDesk& desk, const dialogue::Store& store) {
  Table table;
  add_cast(table, desk, store);
  add_sheets(table, desk);
  add_versions(table, desk);
  return table.take();
}

}  // namespace dramatis::server
