// The head of a request -> let in, or an answer: who may call, from where, with what. Before any
// body is read.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/http.h"

namespace dramatis::server {

enum class Names { kLoopbackOnly, kAny };

// Immutable; thread-safe.
class Gate {
 public:
  // `key` empty: everyone is let in. kLoopbackOnly: the Host header must name this machine, or a
  // web page could reach the service under a name of its own (DNS rebinding).
  Gate(std::string_view key, Names names);

  // Nothing: let in. Refuses foreign names (421), other sites' pages (403), a missing or wrong key
  // on /v1 (401), unknown addresses and methods (404, 405) and bodies that are not JSON (415).
  [[nodiscard]] std::optional<Response> refusal(const Request& request) const;

 private:
  [[nodiscard]] bool knows_key(const Request& request) const;

  std::string key_digest_;  // empty: no key
  Names names_;
};

// "localhost", "127.0.0.1" or "[::1]", with or without a port.
[[nodiscard]] bool is_loopback_name(std::string_view host);

}  // namespace dramatis::server
