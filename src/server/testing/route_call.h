// Calls a handler through its table, without a network or a gate; what it answers is what
// /openapi.json tells.
#pragma once

#include <stop_token>
#include <utility>

#include <gtest/gtest.h>

#include "server/routes.h"
#include "server/testing/told.h"

namespace dramatis::server::testing {

// Keeps the one response.
class WholeAnswer final : public Answer {
 public:
  void respond(Response response) override { response_ = std::move(response); }
  Reader send_event(std::string_view, std::string_view) override { return Reader::kGone; }
  Reader send_piece(std::string_view, std::string_view) override { return Reader::kGone; }
  [[nodiscard]] std::stop_token stop() const override { return {}; }
  [[nodiscard]] const Response& response() const { return response_; }

 private:
  Response response_{.status = 0};
};

inline Response call_route(const Routes& routes, const Request& request, const Identity& who = {}) {
  const auto match = routes.match(request.method, request.path);
  if (!match) return match.error();
  WholeAnswer answer;
  match->route->handler({.request = request, .who = who, .path = match->parts}, answer);
  const Response& response = answer.response();
  for (const auto& fault : Told(routes).faults({.method = request.method,
                           .path = request.path,
                           .sent = request.body,
                           .status = response.status,
                           .type = response.content_type,
                           .body = response.body}))
    ADD_FAILURE() << fault;
  return response;
}

}  // namespace dramatis::server::testing
