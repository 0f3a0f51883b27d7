// One function for each address.
#include "server/adapter_routes.h"

#include "base/ids.h"
#include "server/fields.h"
#include "server/limits.h"
#include "server/problem.h"

namespace dramatis::server {
namespace {

using text::Json;
using text::JsonArray;
using text::JsonObject;

JsonObject loaded_json(const AdapterShown::Loaded& loaded) {
  JsonObject json{{"model", loaded.model},
                  {"checksum", loaded.as.checksum},
                  {"bytes", static_cast<std::int64_t>(loaded.as.bytes)},
                  {"speaks", loaded.as.speaks},
                  {"for_all", loaded.as.for_all}};
  if (!loaded.as.odd.empty()) {
    JsonArray odd;
    for (const auto& sentence : loaded.as.odd) odd.push_back(sentence);
    json.emplace_back("odd", std::move(odd));
  }
  return json;
}

JsonObject adapter_json(const AdapterShown& shown) {
  JsonObject json{{"name", shown.name}};
  if (!shown.form.empty()) {
    json.emplace_back("form", shown.form);
    json.emplace_back("file_bytes", static_cast<std::int64_t>(shown.file_bytes));
  }
  json.emplace_back("base_model", shown.base);
  if (!shown.fault.empty()) json.emplace_back("fault", shown.fault);
  JsonArray loaded;
  for (const auto& one : shown.loaded) loaded.push_back(loaded_json(one));
  json.emplace_back("loaded", std::move(loaded));
  JsonArray npcs;
  for (const NpcId id : shown.npcs) npcs.push_back(print_id(id));
  json.emplace_back("npc_ids", std::move(npcs));
  return json;
}

Result<Response> list_adapters(AdapterDesk& desk, const Call& /*call*/) {
  DRAMATIS_TRY(const auto all, desk.list());
  JsonArray list;
  for (const auto& one : all) list.push_back(adapter_json(one));
  return json_response(200, JsonObject{{"adapters", std::move(list)}});
}

Result<Response> load_adapter(AdapterDesk& desk, const Call& call) {
  DRAMATIS_TRY(Fields fields, Fields::read(call.request.body));
  const std::string name = fields.required_text("name");
  const std::string model = fields.text("model").value_or("");
  DRAMATIS_DO(fields.judge());
  DRAMATIS_TRY(const auto shown, desk.load(name, model));
  return json_response(200, adapter_json(shown));
}

Result<Response> put_adapter(AdapterDesk& desk, const Call& call) {
  DRAMATIS_TRY(const auto shown, desk.put(std::string(call.part("adapter")),
                                          call.request.parameter("model"), call.request.body));
  return json_response(200, adapter_json(shown));
}

Result<Response> unload_adapter(AdapterDesk& desk, const Call& call) {
  DRAMATIS_DO(desk.unload(call.part("adapter")));
  return Response{.status = 204};
}

using Replying = Result<Response> (*)(AdapterDesk&, const Call&);

}  // namespace

std::vector<Route> adapter_routes(AdapterDesk& desk) {
  std::vector<Route> table;
  const auto add = [&table, &desk](Route route, Replying reply) {
    route.handler = [&desk, reply](const Call& call, Answer& answer) {
      auto response = reply(desk, call);
      answer.respond(response ? *std::move(response) : problem(response.error()));
    };
    table.push_back(std::move(route));
  };
  add({.method = "GET",
       .pattern = "/v1/adapters",
       .operation = "list_adapters",
       .caller = Caller::kOwner,
       .doc = {.summary = "Adapters of the service's folder, those that are loaded, and who uses "
                          "them",
               .answer = "AdapterList"}},
      list_adapters);
  add({.method = "POST",
       .pattern = "/v1/adapters",
       .operation = "load_adapter",
       .caller = Caller::kOwner,
       .takes = Takes::kJson,
       .doc = {.summary = "Load an adapter of the folder, or what its file is now; replies under "
                          "way keep what they began with",
               .body = "AdapterWish",
               .answer = "Adapter",
               .errors = "409 422"}},
      load_adapter);
  add({.method = "PUT",
       .pattern = "/v1/adapters/{adapter}",
       .operation = "put_adapter",
       .caller = Caller::kOwner,
       .takes = Takes::kAnyBytes,
       .doc = {.summary = "Put a GGUF adapter into the folder, judged first; nothing is loaded",
               .query = "for_model",
               .body = "Bytes",
               .body_type = "application/octet-stream",
               .answer = "Adapter",
               .errors = "409 422"},
       .most_body = kMaxUploadBytes},
      put_adapter);
  add({.method = "DELETE",
       .pattern = "/v1/adapters/{adapter}",
       .operation = "unload_adapter",
       .caller = Caller::kOwner,
       .doc = {.summary = "Unload an adapter that no NPC uses; its file stays",
               .status = 204,
               .errors = "409"}},
      unload_adapter);
  return table;
}

}  // namespace dramatis::server
