// One function for each address.
#include "server/curation_routes.h"

#include "dataset/record.h"
#include "server/fields.h"
#include "server/problem.h"

namespace dramatis::server {
namespace {

using text::Json;
using text::JsonArray;
using text::JsonObject;

Result<Response> list_sets(const CurationDesk& desk) {
  DRAMATIS_TRY(const auto sets, desk.list());
  JsonArray list;
  for (const auto& set : sets) {
    JsonArray characters;
    for (const auto& id : set.characters) characters.emplace_back(id);
    list.push_back(JsonObject{{"name", set.name}, {"characters", std::move(characters)}});
  }
  return json_response(200, JsonObject{{"datasets", std::move(list)}});
}

JsonObject pair_json(const CurationDesk::Pair& pair) {
  const auto& [item, met, made] = pair.item;
  return {{"item", item},
          {"of", pair.of},
          {"who", met.who.name},
          {"role", met.who.role},
          {"place", met.place},
          {"emotion", met.emotion},
          {"reason", met.reason},
          {"acquaintance", met.acquaintance},
          {"question", made.question},
          {"answer", made.answer}};
}

Result<Response> show_pair(const CurationDesk& desk, const Call& call) {
  DRAMATIS_TRY(const auto pair,
               desk.draw({.set = std::string(call.part("dataset")),
                          .character = std::string(call.request.parameter("character"))}));
  return json_response(200, pair_json(pair));
}

// The item that a body names.
struct Named {
  CurationDesk::Which which{};
  std::uint64_t item = 0;
};

Named take_named(Fields& fields, const Call& call) {
  Named named{.which = {.set = std::string(call.part("dataset")),
                        .character = fields.required_text("character")}};
  const auto item = fields.integer("item");
  if (item && *item >= 0)
    named.item = static_cast<std::uint64_t>(*item);
  else
    fields.mistake("item", "is to be the number of an exchange.");
  return named;
}

Result<Response> answer_again(const CurationDesk& desk, const Call& call,
                              const std::stop_token& stop) {
  DRAMATIS_TRY(Fields fields, Fields::read(call.request.body));
  const Named named = take_named(fields, call);
  const std::string model = fields.text("model").value_or("");
  DRAMATIS_DO(fields.judge());
  DRAMATIS_TRY(const auto now, desk.answer_again(named.which, named.item, model, stop));
  return json_response(200, JsonObject{{"answer", now.answer.empty() ? Json() : Json(now.answer)},
                                       {"refusals", dataset::json_of(now.refusals)}});
}

Result<Response> curate(CurationDesk& desk, const Call& call) {
  DRAMATIS_TRY(Fields fields, Fields::read(call.request.body));
  const Named named = take_named(fields, call);
  const std::string edited = fields.required_text("answer");
  const std::string shown = fields.text("shown").value_or("");
  DRAMATIS_DO(fields.judge());
  DRAMATIS_TRY(const auto kept, desk.keep(named.which, named.item, shown, edited));
  return json_response(
      200, JsonObject{{"conversations", kept.conversations}, {"preference", kept.preference}});
}

template <class Ask>
std::function<void(const Call&, Answer&)> answering(Ask ask) {
  return [ask](const Call& call, Answer& answer) {
    Result<Response> made = ask(call, answer);
    answer.respond(made ? *std::move(made) : problem(made.error()));
  };
}

}  // namespace

std::vector<Route> curation_routes(CurationDesk& desk) {
  std::vector<Route> table;
  const auto add = [&table](Route route, auto ask) {
    route.caller = Caller::kWriter;
    route.handler = answering(ask);
    table.push_back(std::move(route));
  };
  add({.method = "GET",
       .pattern = "/v1/datasets",
       .operation = "list_datasets",
       .doc = {.summary = "Data sets of exchanges, by name", .answer = "DataSetList"}},
      [&desk](const Call&, Answer&) { return list_sets(desk); });
  add({.method = "GET",
       .pattern = "/v1/datasets/{dataset}/pair",
       .operation = "draw_exchange",
       .doc = {.summary = "Any of a character's exchanges",
               .query = "of_character",
               .answer = "Exchange",
               .errors = "413 422"}},
      [&desk](const Call& call, Answer&) { return show_pair(desk, call); });
  add({.method = "POST",
       .pattern = "/v1/datasets/{dataset}/again",
       .operation = "answer_again",
       .takes = Takes::kJson,
       .doc = {.summary =
                   "What a model answers now, with the examples as they are; nothing is kept",
               .body = "AnswerWish",
               .answer = "AnswerNow",
               .errors = "422 499 504"}},
      [&desk](const Call& call, Answer& answer) {
        return answer_again(desk, call, answer.stop());
      });
  add({.method = "POST",
       .pattern = "/v1/datasets/{dataset}/curate",
       .operation = "curate",
       .takes = Takes::kJson,
       .doc = {.summary = "Make an answer an example of the character, and a preference where it "
                          "is not what was shown",
               .body = "Curation",
               .answer = "Curated",
               .errors = "422"}},
      [&desk](const Call& call, Answer&) { return curate(desk, call); });
  return table;
}

}  // namespace dramatis::server
