// The HTTP service: characters as an API on an address of this machine.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "accounts/keys.h"
#include "accounts/notices.h"
#include "base/result.h"
#include "dialogue/ports.h"
#include "runtime/log.h"
#include "runtime/metrics.h"
#include "server/api.h"
#include "server/gate.h"
#include "server/http_server.h"

namespace dramatis::server {

// A further port of the service, for clients that look for somebody else's there.
struct Door {
  std::uint16_t port = 0;  // 0: any that is free
  std::string greeting{};  // what GET / says there, as plain text; empty: as everywhere
};

struct ServerOptions {
  std::string host = "127.0.0.1";    // others than loopback need a key
  std::uint16_t port = 8080;         // 0: any that is free
  std::vector<Door> doors{};         // listened on as well; all is served by any of them
  std::string key;                   // an owner's, beside those of the keeper of keys; empty: none
  std::vector<std::string> names{};  // of the service, beside its addresses; "*": any
  std::vector<std::string> origins{};  // sites whose pages may call; "https://play.example"
  bool open_metrics = false;           // /metrics without a key
  std::chrono::milliseconds turn_time = kTurnTime;
  std::string version{};  // of the program
  // Further addresses: dialects, pages. Each is asked once; the API outlives what it gives.
  std::vector<std::function<std::vector<Route>(const Api&)>> more{};
  HttpOptions http{};  // its host and port are set from the two above
};

// What serves beside the play; each may be missing.
struct Backstage {
  accounts::Keys* keys = nullptr;        // nothing: nobody needs a key but that of the options
  accounts::Notices* notices = nullptr;  // nothing: no other server is on this database
  runtime::Metrics* metrics = nullptr;   // nothing: the server's own
  runtime::Log* log = nullptr;           // nothing: nothing is written
  const LogLines* lines = nullptr;       // of that log; nothing: none are kept
  // Knows what NPCs may speak with; nothing: any name of an adapter is taken.
  const AdapterDesk* adapters = nullptr;
};

// Whether nobody but this machine reaches a service that listens there.
[[nodiscard]] bool is_loopback_address(std::string_view host);

// Opened, it serves until stop() or its end. Thread-safe.
class Server {
 public:
  // What `with` and `backstage` refer to outlives the server.
  // Errors: kRefused where strangers could call it without a key; kInvalidArgument; kUnavailable.
  [[nodiscard]] static Result<std::unique_ptr<Server>> open(const ServerOptions& options,
                                                            dialogue::Ports with,
                                                            Backstage backstage = {});
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  // That of a door; 0 is the service's own, others are in the order of the options.
  [[nodiscard]] std::uint16_t port(std::size_t door = 0) const;
  [[nodiscard]] std::size_t connections() const;
  // Every address that is served.
  [[nodiscard]] const Routes& routes() const&;
  const Routes& routes() && = delete;
  // Takes no more requests, lets turns end for up to kDrainTime, then stops them.
  void stop();

 private:
  struct House;
  explicit Server(std::unique_ptr<House> house);
  std::unique_ptr<House> house_;
};

}  // namespace dramatis::server
