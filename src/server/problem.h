// Failures -> problem documents (RFC 9457) that tell a client what it can mend, and nothing of our
// inside.
#pragma once

#include <chrono>
#include <string_view>

#include "base/result.h"
#include "server/http.h"
#include "text/json.h"

namespace dramatis::server {

// {title, status, code, detail?}. The detail is left out where it could name a part of the service:
// a client can do nothing about kUnavailable, kCorrupt, kDeadline and kInternal.
[[nodiscard]] text::Json problem_json(const Error& error);
[[nodiscard]] Response problem(const Error& error);

// For what is wrong with HTTP itself: 400, 401, 403, 404, 405, 408, 409, 413, 414, 415, 417, 421,
// 426, 429, 431, 503, 505.
[[nodiscard]] Response http_problem(int status, std::string_view detail);

// What a client is told where something failed, before it is known on which wire.
struct Failure {
  int status = 500;
  text::JsonObject members{};  // of the problem document
  Headers headers{};
};

[[nodiscard]] Failure failure(const Error& error);
// 429: `detail` says which quota is used up; the client may come again after `wait`.
[[nodiscard]] Failure too_many_requests(std::string_view detail, std::chrono::seconds wait);
[[nodiscard]] Response response_of(const Failure& failure);

// A value as application/json.
[[nodiscard]] Response json_response(int status, const text::Json& value);

}  // namespace dramatis::server
