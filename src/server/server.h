// The HTTP service: a turn, a history, players and NPCs on an address of this machine.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "dialogue/ports.h"
#include "server/http_server.h"

namespace dramatis::server {

struct ServerOptions {
  std::string host = "127.0.0.1";  // others than loopback need a key
  std::uint16_t port = 8080;       // 0: any that is free
  std::string key;                 // for every request to /v1; empty: none is asked for
  std::chrono::milliseconds turn_time = kTurnTime;
  HttpOptions http{};  // its host and port are set from the two above
};

// Opened, it serves until stop() or its end. Thread-safe.
class Server {
 public:
  // What `with` refers to outlives the server.
  // Errors: kRefused where strangers could call it without a key; kInvalidArgument; kUnavailable.
  [[nodiscard]] static Result<std::unique_ptr<Server>> open(const ServerOptions& options,
                                                            dialogue::Ports with);

  [[nodiscard]] std::uint16_t port() const { return http_->port(); }
  [[nodiscard]] std::size_t connections() const { return http_->connections(); }
  // Takes no more requests, lets turns end for up to kDrainTime, then stops them.
  void stop() { http_->stop(); }

 private:
  explicit Server(std::unique_ptr<HttpServer> http) : http_(std::move(http)) {}
  std::unique_ptr<HttpServer> http_;
};

}  // namespace dramatis::server
