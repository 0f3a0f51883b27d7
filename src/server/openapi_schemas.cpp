// The subjects' schemas, joined.
#include "base/check.h"
#include "server/internal/schemas.h"
#include "server/openapi.h"

namespace dramatis::server {
namespace {

using text::Json;
using text::JsonObject;

constexpr std::string_view kKey =
    R"json({"type": "http", "scheme": "bearer", "description": "A key of the service; none is asked for on loopback while there are none"})json";
constexpr std::string_view kProblem =
    R"json({"description": "What is wrong, and what to do about it", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}})json";

// What is written in this program can be read.
Json read(std::string_view written) {
  auto json = text::parse_json(written);
  DRAMATIS_CHECK(json.has_value());
  return *std::move(json);
}

void add(const Json& subject, std::string_view list, JsonObject& to) {
  for (const auto& [name, schema] : *subject.find(list)->as_object()) {
    const auto same = [&known = name](const auto& entry) { return entry.first == known; };
    DRAMATIS_CHECK(std::ranges::none_of(to, same));
    to.emplace_back(name, schema);
  }
}

}  // namespace

Json openapi_components() {
  using namespace internal;  // the subjects
  JsonObject parameters;
  JsonObject schemas;
  for (const auto subject :
       {schemas_of_service(), schemas_of_people(), schemas_of_conversations(), schemas_of_turns(),
        schemas_of_sheets(), schemas_of_arenas(), schemas_of_reports(), schemas_of_curation(),
        schemas_of_trainings(), schemas_of_adapters(), schemas_of_keys()}) {
    const Json parts = read(subject);
    add(parts, "parameters", parameters);
    add(parts, "schemas", schemas);
  }
  return JsonObject{{"securitySchemes", JsonObject{{"key", read(kKey)}}},
                    {"parameters", std::move(parameters)},
                    {"responses", JsonObject{{"Problem", read(kProblem)}}},
                    {"schemas", std::move(schemas)}};
}

}  // namespace dramatis::server
