// Bytes of TCP connections -> requests for a handler, and its answers back. Knows no address and no
// room.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "server/http.h"
#include "server/job.h"
#include "server/limits.h"

namespace dramatis::server {

// How long each step of a connection may take; limits.h has the reasons.
struct Patience {
  std::chrono::milliseconds header = kHeaderTime;
  std::chrono::milliseconds body = kBodyTime;
  std::chrono::milliseconds idle = kIdleTime;
  std::chrono::milliseconds stall = kStallTime;
  std::chrono::milliseconds farewell = kFarewellTime;
  std::chrono::milliseconds ping = kPingTime;
  std::chrono::milliseconds drain = kDrainTime;
};

struct HttpOptions {
  std::string host = "127.0.0.1";  // an address of this machine, or "localhost"
  std::uint16_t port = 0;          // 0: any that is free
  std::size_t max_connections = kMaxConnections;
  std::size_t workers = kWorkers;
  std::size_t max_waiting = kMaxWaitingRequests;
  Patience patience{};
};

// What serves requests. Called from many threads.
struct Service {
  // From the head alone, before the body is read; a response ends the matter. Fast, and does not
  // throw.
  std::function<std::optional<Response>(const Request&)> gate;
  // On a worker; may block, and obeys the answer's stop token.
  Handler handler;
};

// Thread-safe.
class HttpServer {
 public:
  // Listens and serves until stop(). `clock` outlives the server.
  // Errors: kInvalidArgument for a host that is no address; kUnavailable where it cannot listen.
  [[nodiscard]] static Result<std::unique_ptr<HttpServer>> open(const HttpOptions& options,
                                                                Service service,
                                                                const Clock& clock);
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  // As stop().
  ~HttpServer();

  [[nodiscard]] std::uint16_t port() const;
  // Connections open now.
  [[nodiscard]] std::size_t connections() const;
  // Takes no more connections, lets what runs end within `patience.drain`, then stops it. Returns
  // when all is over. Not from a handler.
  void stop();

 private:
  struct Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace dramatis::server
