// ErrorCode or HTTP status -> title, code, detail.
#include "server/problem.h"

#include "base/error_table.h"

namespace dramatis::server {
namespace {

struct HttpRow {
  int status;
  std::string_view code;
  std::string_view title;
};

constexpr HttpRow kHttpRows[] = {
    {400, "invalid_request", "The request is not valid"},
    {401, "unauthorized", "A key is needed"},
    {403, "forbidden", "This is not allowed"},
    {404, "not_found", "There is no such thing"},
    {405, "method_not_allowed", "This method is not for this address"},
    {408, "timeout", "The request did not arrive in time"},
    {409, "conflict", "Something else is at work on it"},
    {413, "too_large", "The request is too large"},
    {414, "address_too_long", "The address is too long"},
    {415, "unsupported_media_type", "This kind of content is not understood"},
    {417, "expectation_failed", "The expectation cannot be met"},
    {421, "misdirected", "This name is not served here"},
    {426, "upgrade_required", "This address speaks WebSocket"},
    {429, "too_many_requests", "A quota is used up"},
    {431, "header_too_large", "The header is too large"},
    {503, "busy", "The service has too much to do"},
    {505, "version_not_supported", "This version of HTTP is not spoken"},
};

bool may_tell(ErrorCode code) {
  switch (code) {
    case ErrorCode::kCorrupt:
    case ErrorCode::kDeadline:
    case ErrorCode::kUnavailable:
    case ErrorCode::kInternal:
      return false;
    default:
      return true;
  }
}

Response document(int status, const text::Json& value) {
  return {.status = status,
          .content_type = "application/problem+json",
          .body = text::print_json(value)};
}

}  // namespace

text::Json problem_json(const Error& error) {
  const ErrorRow& row = error_row(error.code);
  text::JsonObject members{{"title", row.title}, {"status", row.http_status}, {"code", row.name}};
  if (may_tell(error.code)) members.emplace_back("detail", error.what);
  return members;
}

Response problem(const Error& error) {
  return response_of(failure(error));
}

Response http_problem(int status, std::string_view detail) {
  for (const HttpRow& row : kHttpRows) {
    if (row.status != status) continue;
    return document(
        status,
        text::JsonObject{
            {"title", row.title}, {"status", status}, {"code", row.code}, {"detail", detail}});
  }
  return problem({ErrorCode::kInternal, {}});
}

Failure failure(const Error& error) {
  const text::Json members = problem_json(error);
  Failure failed{.status = error_row(error.code).http_status, .members = *members.as_object()};
  if (error.code == ErrorCode::kUnavailable) failed.headers.emplace_back("Retry-After", "2");
  return failed;
}

Failure too_many_requests(std::string_view detail, std::chrono::seconds wait) {
  Failure failed{.status = 429,
                 .members = {{"title", "A quota is used up"},
                             {"status", 429},
                             {"code", "too_many_requests"},
                             {"detail", detail},
                             {"retry_after", wait.count()}}};
  failed.headers.emplace_back("Retry-After", std::to_string(wait.count()));
  return failed;
}

Response response_of(const Failure& failure) {
  Response response = document(failure.status, failure.members);
  response.headers = failure.headers;
  return response;
}

Response json_response(int status, const text::Json& value) {
  return {.status = status, .content_type = "application/json", .body = text::print_json(value)};
}

}  // namespace dramatis::server
