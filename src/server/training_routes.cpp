// One function for each address.
#include "server/training_routes.h"

#include <limits>

#include "server/internal/ids.h"
#include "server/problem.h"

namespace dramatis::server {
namespace {

using text::Json;
using text::JsonArray;
using text::JsonObject;

void add(JsonObject& json, std::string_view name, const std::optional<double>& value) {
  if (value) json.emplace_back(name, *value);
}

void add_begin(JsonObject& json, const runs::Begin& begin) {
  json.emplace_back("method", begin.method);
  json.emplace_back("base", begin.base);
  json.emplace_back("updates", begin.updates);
  json.emplace_back("epochs", begin.epochs);
  json.emplace_back("lessons", begin.lessons);
  json.emplace_back("held_out", begin.held_out);
  json.emplace_back("digest", begin.digest);
}

void add_latest(JsonObject& json, const runs::Update& latest) {
  json.emplace_back("update", latest.update);
  json.emplace_back("epoch", latest.epoch);
  json.emplace_back("loss", latest.loss);
  json.emplace_back("rate", latest.rate);
  json.emplace_back("tokens_per_second", latest.tokens_per_second);
}

// What a card says but for its lists: curves and samples are in the log.
JsonObject result_json(const runs::Facts& facts) {
  JsonObject json;
  for (auto& [name, value] : runs::print_facts(facts)) {
    if (name != "evaluations" && name != "samples" && name != "files")
      json.emplace_back(std::move(name), std::move(value));
  }
  return json;
}

JsonObject run_json(const runs::Run& run) {
  JsonObject json{{"name", run.name},
                  {"state", runs::name_of(run.state)},
                  {"written_ms", run.written.time_since_epoch().count()}};
  const auto& story = run.story;
  if (story.begin) add_begin(json, *story.begin);
  if (story.latest) add_latest(json, *story.latest);
  add(json, "first_loss", story.first);
  add(json, "held_out_loss", story.held_out);
  add(json, "best_loss", story.best);
  if (story.best) json.emplace_back("best_update", story.best_update);
  if (story.unread > 0) json.emplace_back("unread", story.unread);
  if (run.facts) json.emplace_back("result", result_json(*run.facts));
  return json;
}

Result<Response> list_trainings(const runs::Folder& folder, const Call& /*call*/) {
  DRAMATIS_TRY(const auto found, folder.list());
  JsonArray list;
  for (const auto& run : found) list.push_back(run_json(run));
  return json_response(200, JsonObject{{"trainings", std::move(list)}});
}

// The run as in the list, and lines of its log after the first `after`. `next` is the `after` of
// the next page; less than what was asked for where the run began anew.
Result<Response> show_training(const runs::Folder& folder, const Call& call) {
  DRAMATIS_TRY(const auto after, internal::number_of(call.request, "after", 0, 0,
                                                     std::numeric_limits<std::int32_t>::max()));
  DRAMATIS_TRY(const auto run, folder.find(call.part("training")));
  DRAMATIS_TRY(const auto page, folder.read(run.name, static_cast<std::size_t>(after)));
  JsonArray entries;
  for (const auto& entry : page.entries) entries.push_back(runs::json_of(entry));
  JsonObject json = run_json(run);
  json.emplace_back("entries", std::move(entries));
  json.emplace_back("next", page.next);
  json.emplace_back("more", page.more);
  return json_response(200, json);
}

using Replying = Result<Response> (*)(const runs::Folder&, const Call&);

Route joined(Route route, const runs::Folder& folder, Replying reply) {
  route.method = "GET";
  route.caller = Caller::kWriter;
  route.handler = [&folder, reply](const Call& call, Answer& answer) {
    auto response = reply(folder, call);
    answer.respond(response ? *std::move(response) : problem(response.error()));
  };
  return route;
}

}  // namespace

std::vector<Route> training_routes(const runs::Folder& folder) {
  return {joined({.pattern = "/v1/trainings",
                  .operation = "list_trainings",
                  .doc = {.summary = "Runs of the trainer", .answer = "TrainingList"}},
                 folder, list_trainings),
          joined({.pattern = "/v1/trainings/{training}",
                  .operation = "show_training",
                  .doc = {.summary = "A run with its log; a page at a time, while it grows",
                          .query = "after_entry",
                          .answer = "TrainingLog"}},
                 folder, show_training)};
}

}  // namespace dramatis::server
