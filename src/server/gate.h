// The head of a request -> let in with an identity and a route, or an answer: who may call, from
// where, with what. Before any body is read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "accounts/ring.h"
#include "server/http.h"
#include "server/identity.h"
#include "server/routes.h"

namespace dramatis::server {

// Names::kLoopback: the Host header must name this machine, or a web page could reach the service
// under a name of its own (DNS rebinding). kAddresses: or any address in numbers, which no page can
// make its own. kAny: whatever a proxy in front leaves standing.
enum class Names { kLoopback, kAddresses, kAny };

struct GateOptions {
  std::string key{};                     // an owner's, beside those of the ring; empty: none
  Names names = Names::kLoopback;        // by which names the service may be called
  std::vector<std::string> own_names{};  // these too, with any port
  std::vector<std::string> origins{};    // pages of these sites may call; "https://play.example"
  Caller metrics = Caller::kOwner;       // who may read /metrics
};

// A request that may be answered.
struct Admitted {
  Identity who{};
  Match match{};
  std::string headers{};  // lines that its answer carries, each with its line end
};

// A refusal, or an answer that needs nobody else.
struct Turned {
  Response response{};
  std::string headers{};  // as above
};

// Immutable; thread-safe.
class Gate {
 public:
  // `routes` and `ring` outlive it. Without a key and with no ring, or an empty one, everyone is
  // the owner.
  Gate(GateOptions options, const Routes& routes, const accounts::KeyRing* ring);

  // Refuses foreign names (421), other sites' pages (403), a missing or wrong key (401), callers
  // whose role does not reach (403), unknown addresses and methods (404, 405) and bodies of another
  // type (415); answers OPTIONS (204).
  [[nodiscard]] tl::expected<Admitted, Turned> judge(const Request& request) const;

  // Whether it was sent to a name of the service and by no page of another site.
  [[nodiscard]] bool knows(const Request& request) const {
    return knows_name(request.header("host")) && knows_page(request);
  }

  // Whether nobody needs a key.
  [[nodiscard]] Result<bool> is_open() const;

 private:
  [[nodiscard]] bool knows_name(std::string_view host) const;
  [[nodiscard]] bool knows_page(const Request& request) const;
  [[nodiscard]] tl::expected<Identity, Response> identify(const Request& request) const;
  [[nodiscard]] tl::expected<Match, Response> find(const Request& request) const;
  [[nodiscard]] tl::expected<Admitted, Response> admit(const Request& request) const;
  [[nodiscard]] std::string cors_lines(const Request& request) const;
  [[nodiscard]] Response preflight(const Request& request) const;

  GateOptions options_;
  std::string key_digest_;  // empty: no key
  const Routes& routes_;
  const accounts::KeyRing* ring_;
};

// "localhost", "127.0.0.1" or "[::1]", with or without a port.
[[nodiscard]] bool is_loopback_name(std::string_view host);

// "192.0.2.7" or "[2001:db8::7]" as numbers are usually written, with or without a port.
[[nodiscard]] bool is_address(std::string_view host);

}  // namespace dramatis::server
