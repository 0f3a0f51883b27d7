// Error -> what a stranger's client is told of it.
#include "server/dialect_fault.h"

#include "base/error_table.h"
#include "server/problem.h"
#include "text/json.h"

namespace dramatis::server {

namespace {

std::string told_in(const text::Json& problem) {
  const text::Json* detail = problem.find("detail");
  const text::Json* told = detail == nullptr ? problem.find("title") : detail;
  return told == nullptr || told->as_string() == nullptr ? "" : *told->as_string();
}

}  // namespace

Fault::Fault(const Error& error) : code(error.code), what(told_in(problem_json(error))) {}

Fault::Fault(const Failure& failure)
    : code(ErrorCode::kRefused),
      what(told_in(text::Json(failure.members))),
      status(failure.status),
      headers(failure.headers) {}

int status_of(const Fault& fault) {
  switch (fault.code) {
    case ErrorCode::kOverBudget:
    case ErrorCode::kUnsupported:
      return 400;
    case ErrorCode::kCorrupt:
      return 500;
    default:
      return error_row(fault.code).http_status;
  }
}

Response fault_response(const Fault& fault, int status, std::string body) {
  Response response{.status = fault.status == 0 ? status : fault.status,
                    .content_type = "application/json",
                    .body = std::move(body),
                    .headers = fault.headers};
  if (response.status == 503) response.headers.emplace_back("Retry-After", "2");
  return response;
}

}  // namespace dramatis::server
