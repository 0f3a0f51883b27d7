// Joins the gate, the API and the wire.
#include "server/server.h"

#include <algorithm>

#include <fmt/format.h>

#include "server/api.h"
#include "server/gate.h"

namespace dramatis::server {
namespace {

bool is_loopback_address(std::string_view host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

Status judge(const ServerOptions& options) {
  if (options.key.size() > kMaxKeyBytes) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("The key has {} letters; at most {} are read.", options.key.size(),
                            kMaxKeyBytes));
  }
  if (!std::ranges::all_of(options.key, [](char c) { return c > ' ' && c < '\x7F'; })) {
    return fail(ErrorCode::kInvalidArgument, "The key is not one word of visible letters.");
  }
  if (!is_loopback_address(options.host) && options.key.empty()) {
    return fail(
        ErrorCode::kRefused,
        fmt::format("On {} strangers could call the service; set a key, or listen on 127.0.0.1.",
                    options.host));
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Server>> Server::open(const ServerOptions& options, dialogue::Ports with) {
  DRAMATIS_DO(judge(options));
  // With a key a foreign name gains nothing, and a proxy in front may have one of its own.
  const Gate gate(options.key, options.key.empty() ? Names::kLoopbackOnly : Names::kAny);
  const Api api(with, options.turn_time);
  HttpOptions http = options.http;
  http.host = options.host;
  http.port = options.port;
  Service service{
      .gate = [gate](const Request& request) { return gate.refusal(request); },
      .handler = [api](const Request& request, Answer& answer) { api.handle(request, answer); }};
  DRAMATIS_TRY(auto listening, HttpServer::open(http, std::move(service), with.clock));
  return std::unique_ptr<Server>(new Server(std::move(listening)));
}

}  // namespace dramatis::server
