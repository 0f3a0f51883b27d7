// Rows of the table -> operations of a document.
#include "server/openapi.h"

#include <set>

#include <fmt/format.h>

#include "base/check.h"
#include "server/problem.h"

namespace dramatis::server {
namespace {

using text::Json;
using text::JsonArray;
using text::JsonObject;

Json ref_to(std::string_view kind, std::string_view name) {
  return JsonObject{{"$ref", fmt::format("#/components/{}/{}", kind, name)}};
}

JsonObject schema_of(Json schema) {
  return {{"schema", std::move(schema)}};
}

JsonObject content(std::string_view type, Json schema) {
  return {{std::string(type), schema_of(std::move(schema))}};
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t space = text.find(' ');
    words.emplace_back(text.substr(0, space));
    text = space == text.npos ? std::string_view() : text.substr(space + 1);
  }
  return words;
}

// The names of a pattern: "npc" of "/v1/npcs/{npc}".
std::vector<std::string> names_of(std::string_view pattern) {
  std::vector<std::string> names;
  for (std::size_t at = pattern.find('{'); at != pattern.npos; at = pattern.find('{', at + 1)) {
    names.emplace_back(pattern.substr(at + 1, pattern.find('}', at) - at - 1));
  }
  return names;
}

std::string_view caller_name(Caller caller) {
  switch (caller) {
    case Caller::kAnybody:
      return "anybody";
    case Caller::kPlayer:
      return "player";
    case Caller::kWriter:
      return "writer";
    case Caller::kOwner:
      return "owner";
  }
  return "";
}

JsonArray parameters_of(const Route& route) {
  JsonArray list;
  for (const std::string& name : names_of(route.pattern))
    list.push_back(ref_to("parameters", name));
  for (const std::string& name : words_of(route.doc.query))
    list.push_back(ref_to("parameters", name));
  const bool keyed = route.repeating != Repeating::kAnew || route.doc.streams;
  if (keyed) list.push_back(ref_to("parameters", "idempotency_key"));
  if (route.doc.defers) list.push_back(ref_to("parameters", "prefer"));
  return list;
}

// Those that follow from the table, and those that the row adds.
std::set<std::string> errors_of(const Route& route) {
  std::set<std::string> errors;
  for (std::string& status : words_of(route.doc.errors)) errors.insert(std::move(status));
  errors.insert({"400", "403", "421"});
  if (route.caller != Caller::kAnybody) errors.insert({"401", "429"});
  const bool has_parts =
      route.pattern.find('{') != std::string_view::npos || !route.doc.query.empty();
  if (has_parts || route.takes == Takes::kJson) errors.insert("404");
  if (has_parts) errors.insert("414");
  if (route.takes == Takes::kJson || route.takes == Takes::kMaybeJson)
    errors.insert({"408", "413", "415"});
  if (route.takes == Takes::kAnyBytes) errors.insert({"408", "413"});
  if (route.repeating != Repeating::kAnew) errors.insert("409");
  if (route.answered == Answered::kOnWorker) errors.insert({"500", "503"});
  return errors;
}

// What is ill tells so in the words of what is well.
Json ill_of(const Route& route) {
  JsonObject bodies = content(route.doc.type, ref_to("schemas", route.doc.answer));
  bodies.emplace_back("application/problem+json", schema_of(ref_to("schemas", "Problem")));
  return JsonObject{{"description", "The same, where not all is well; or a problem"},
                    {"content", std::move(bodies)}};
}

JsonObject responses_of(const Route& route) {
  JsonObject success{
      {"description", route.doc.status == 101 ? "The connection is a WebSocket now" : "Done"}};
  if (!route.doc.answer.empty()) {
    JsonObject bodies;
    for (const std::string& type : words_of(route.doc.type))
      bodies.emplace_back(type, schema_of(ref_to("schemas", route.doc.answer)));
    if (route.doc.streams)
      bodies.emplace_back("text/event-stream", schema_of(ref_to("schemas", "Events")));
    success.emplace_back("content", std::move(bodies));
  }
  JsonObject responses{{std::to_string(route.doc.status), std::move(success)}};
  if (route.doc.defers) {
    responses.emplace_back(
        "202", JsonObject{{"description", "Put off; ask for it at its address"},
                          {"content", content("application/json", ref_to("schemas", "PutOff"))}});
  }
  for (const std::string& status : errors_of(route)) {
    const bool same = status == std::to_string(route.doc.ill);
    responses.emplace_back(status, same ? ill_of(route) : ref_to("responses", "Problem"));
  }
  return responses;
}

JsonObject operation_of(const Route& route) {
  JsonObject operation{{"operationId", route.operation},
                       {"summary", route.doc.summary},
                       {"x-caller", caller_name(route.caller)}};
  if (JsonArray parameters = parameters_of(route); !parameters.empty())
    operation.emplace_back("parameters", std::move(parameters));
  if (!route.doc.body.empty()) {
    operation.emplace_back(
        "requestBody",
        JsonObject{{"required", route.takes != Takes::kMaybeJson},
                   {"content", content(route.doc.body_type, ref_to("schemas", route.doc.body))}});
  }
  operation.emplace_back("responses", responses_of(route));
  if (route.caller == Caller::kAnybody) operation.emplace_back("security", JsonArray{});
  return operation;
}

bool has_operation(const Route& route) {
  return !route.operation.empty();
}

// The page's files, and what speaks a dialect.
bool may_have_none(const Route& route) {
  return !route.pattern.starts_with("/v1/") || route.reword;
}

std::string lower(std::string_view method) {
  std::string out;
  for (const char c : method) out += static_cast<char>(c - 'A' + 'a');
  return out;
}

}  // namespace

Json openapi_json(const Routes& routes, std::string_view version) {
  JsonObject paths;
  for (const Route& route : routes.all()) {
    DRAMATIS_CHECK(has_operation(route) || may_have_none(route));
    if (!has_operation(route)) continue;
    const auto same = [&route](const auto& entry) { return entry.first == route.pattern; };
    auto found = std::find_if(paths.begin(), paths.end(), same);
    if (found == paths.end()) {
      paths.emplace_back(route.pattern, JsonObject{});
      found = paths.end() - 1;
    }
    found->second.as_object()->emplace_back(lower(route.method), operation_of(route));
  }
  return JsonObject{
      {"openapi", "3.1.0"},
      {"info", JsonObject{{"title", "Dramatis"},
                          {"version", version},
                          {"summary", "Characters that players talk to, as a service"}}},
      {"security", JsonArray{JsonObject{{"key", JsonArray{}}}, JsonObject{}}},
      {"paths", std::move(paths)},
      {"components", openapi_components()}};
}

}  // namespace dramatis::server
