// Requests that were let in -> rooms above the port, and their answers as JSON or events. One
// function for each route; the table of them is in api_routes.cpp.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "accounts/keys.h"
#include "accounts/notices.h"
#include "accounts/ring.h"
#include "dialogue/ports.h"
#include "server/limits.h"
#include "server/log_lines.h"
#include "server/repeats.h"
#include "server/route.h"
#include "server/socket_peer.h"
#include "server/telemetry.h"
#include "server/turns_underway.h"

namespace dramatis::server {

class AdapterDesk;

// What the functions of the API work with. Thread-safe; what it refers to outlives the routes.
struct Api {
  dialogue::Ports with;
  TurnsUnderway& underway;
  Telemetry& telemetry;
  accounts::Keys* keys = nullptr;           // null: there are no keys
  const accounts::KeyRing* ring = nullptr;  // of the same
  accounts::Notices* notices = nullptr;     // null: no other server is on this database
  std::chrono::milliseconds turn_time = kTurnTime;
  std::string version{};                  // of the program
  const LogLines* lines = nullptr;        // of the log; null: none are kept
  const AdapterDesk* adapters = nullptr;  // null: any name of an adapter is taken
  // Runs a job on a worker; empty: there are none, and nothing is put off.
  std::function<Taken(Lane, std::function<void()>)> give{};
  // Tells the telemetry what is so now, before it is printed.
  std::function<void()> look_around{};
};

// Whether the model can be asked: as whoever looks after its services says, else by its last
// answer.
[[nodiscard]] bool is_up(const dialogue::ServingModel& serving, Telemetry& telemetry);

// The native API. `api` outlives them.
[[nodiscard]] std::vector<Route> native_routes(const Api& api);

// Whose work it is: that of one key, or of all without one.
[[nodiscard]] Lane lane_of(const Identity& who);

// Who pays for what a caller asks of a paid service: his key; empty: nobody in particular.
[[nodiscard]] std::string account_of(const Identity& who);

// What becomes of a WebSocket of `who`.
[[nodiscard]] MakePeer socket_peer(const Api& api, const Identity& who);

}  // namespace dramatis::server
