// One address of the service: who may call it, with what, and what it answers. The table of these
// is the one truth: routing, the gate, /openapi.json and the tests are made from it.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "server/http.h"
#include "server/identity.h"
#include "server/limits.h"

namespace dramatis::server {

// The least who may call.
enum class Caller { kAnybody, kPlayer, kWriter, kOwner };

// What a request brings.
enum class Takes {
  kNothing,
  kJson,       // an object, said to be application/json
  kMaybeJson,  // the same, or no body
  kAnyBytes,   // whatever its type; for files, and dialects whose clients name it wrongly
  kSocket      // an upgrade to WebSocket
};

// Where it is answered: what only looks at memory needs no worker, and answers when all are busy.
enum class Answered { kOnWorker, kAtOnce };

// Whether a POST with an Idempotency-Key is answered from the table of repeats. Turns are not: the
// store knows their keys.
// kFromOwnTable: each server for itself, since the answer shows a secret, which nobody writes down.
enum class Repeating { kAnew, kFromTable, kFromOwnTable };

// The parts of the path that stand for {names}; not decoded, not yet judged.
using PathParts = std::map<std::string, std::string, std::less<>>;

// A request that was let in. What it refers to lives as long as the call.
struct Call {
  const Request& request;
  const Identity& who;
  const PathParts& path;

  // The part that stands for {name}.
  [[nodiscard]] std::string_view part(std::string_view name) const {
    const auto found = path.find(name);
    return found == path.end() ? std::string_view() : std::string_view(found->second);
  }
};

// What /openapi.json says of a route, in names of its schemas and parameters.
struct RouteDoc {
  std::string_view summary{};
  std::string_view query{};  // names of parameters, parted by spaces
  std::string_view body{};   // the schema of the body
  std::string_view body_type = "application/json";
  int status = 200;                            // of success
  std::string_view answer{};                   // the schema of the answer; empty: none
  std::string_view type = "application/json";  // or several, parted by spaces
  bool streams = false;                        // also answers with events
  bool defers = false;                         // also answers 202 to `Prefer: respond-async`
  int ill = 0;                // a status that has the same answer, beside a problem; 0: none
  std::string_view errors{};  // statuses beyond those that follow from the table
};

struct Route {
  std::string_view method{};
  std::string_view pattern{};    // "/v1/npcs/{npc}/chat"; a last "{name...}" takes all that is left
  std::string_view operation{};  // one word, unlike all others; none: not in /openapi.json
  Caller caller = Caller::kOwner;
  Takes takes = Takes::kNothing;
  RouteDoc doc{};
  Answered answered = Answered::kOnWorker;
  Repeating repeating = Repeating::kAnew;
  std::size_t most_body = kMaxBodyBytes;
  std::function<void(const Call&, Answer&)> handler{};
  // A refusal of the gate in the words of a dialect; empty: as it is.
  std::function<Response(Response)> reword{};
};

// Whether `role` may call.
[[nodiscard]] bool may_call(Caller caller, accounts::Role role);

}  // namespace dramatis::server
