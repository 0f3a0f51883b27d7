// Bytes of TCP connections -> requests for a handler, and its answers back. Knows no address and no
// room.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "server/http.h"
#include "server/job.h"
#include "server/limits.h"
#include "server/socket_peer.h"

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
  std::chrono::milliseconds socket_tick = kSocketTick;
  std::chrono::milliseconds socket_close = kSocketCloseTime;
};

struct HttpOptions {
  std::string host = "127.0.0.1";      // an address of this machine, or "localhost"
  std::uint16_t port = 0;              // 0: any that is free
  std::vector<std::uint16_t> doors{};  // further ports of the host, listened on as well
  std::size_t max_connections = kMaxConnections;
  std::size_t workers = kWorkers;
  std::size_t max_waiting = kMaxWaitingRequests;
  std::size_t max_leaving = kMaxLeavingBytes;
  std::size_t max_arriving = kMaxArrivingBytes;
  Patience patience{};
};

// What becomes of a request: one of `answer`, `handler` and `socket` is set.
struct Verdict {
  std::optional<Response> answer{};  // at once, and the body is not read
  Handler handler{};                 // on a worker; may block, and obeys the answer's stop token
  MakePeer socket{};                 // the connection becomes a WebSocket; called on the network
  Lane lane{};                       // whose work it is
  std::string headers{};             // lines for the answer's head, each with its line end
  std::size_t most_body = kMaxBodyBytes;
};

// What serves requests. Called from many threads.
struct Service {
  // From the head alone. Fast, and does not throw.
  std::function<Verdict(const Request&)> gate;
  // Who runs handlers, also for others; nothing: the server's own, as the options say.
  std::shared_ptr<Workers> workers{};
  // Called when the time to drain is over: what runs without a connection is to end.
  std::function<void()> ending{};
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

  // That of a door; 0 is the first, others are in the order of the options.
  [[nodiscard]] std::uint16_t port(std::size_t door = 0) const;
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
