// One function for each address.
#include "server/study_routes.h"

#include "server/problem.h"

namespace dramatis::server {
namespace {

using text::JsonArray;
using text::JsonObject;

// A report without its answers; one that cannot be read is left out.
Result<Response> list_reports(const study::Shelf& shelf, const Call& /*call*/) {
  DRAMATIS_TRY(const auto ids, shelf.list());
  JsonArray list;
  for (const auto& id : ids) {
    const auto report = shelf.read(id);
    if (!report) continue;
    JsonObject entry;
    for (const auto& [name, value] : *report->as_object()) {
      if (name != "rows") entry.emplace_back(name, value);
    }
    list.push_back(std::move(entry));
  }
  return json_response(200, JsonObject{{"reports", std::move(list)}});
}

Result<Response> show_report(const study::Shelf& shelf, const Call& call) {
  DRAMATIS_TRY(const auto report, shelf.read(call.part("report")));
  return json_response(200, report);
}

// It stands alone: its own style, and nothing that runs or loads.
Result<Response> show_report_page(const study::Shelf& shelf, const Call& call) {
  DRAMATIS_TRY(auto page, shelf.read_page(call.part("report")));
  return Response{
      .content_type = "text/html; charset=utf-8",
      .body = std::move(page),
      .headers = {{"Content-Security-Policy",
                   "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"}}};
}

using Replying = Result<Response> (*)(const study::Shelf&, const Call&);

Route joined(Route route, const study::Shelf& shelf, Replying reply) {
  route.method = "GET";
  route.caller = Caller::kWriter;
  route.handler = [&shelf, reply](const Call& call, Answer& answer) {
    auto response = reply(shelf, call);
    answer.respond(response ? *std::move(response) : problem(response.error()));
  };
  return route;
}

}  // namespace

std::vector<Route> study_routes(const study::Shelf& shelf) {
  return {joined({.pattern = "/v1/reports",
                  .operation = "list_reports",
                  .doc = {.summary = "Reports without their rows", .answer = "ReportList"}},
                 shelf, list_reports),
          joined({.pattern = "/v1/reports/{report}",
                  .operation = "show_report",
                  .doc = {.summary = "A report", .answer = "Report", .errors = "413 422"}},
                 shelf, show_report),
          joined({.pattern = "/v1/reports/{report}/page",
                  .operation = "show_report_page",
                  .doc = {.summary = "A report for people: one page that runs and loads nothing",
                          .answer = "Text",
                          .type = "text/html",
                          .errors = "413"}},
                 shelf, show_report_page)};
}

}  // namespace dramatis::server
