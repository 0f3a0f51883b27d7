// Host, origin, key, address, content type: in this order.
#include "server/gate.h"

#include "server/problem.h"
#include "server/router.h"
#include "text/digest.h"

namespace dramatis::server {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

// In time that depends on the length alone.
bool same(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned char difference = 0;
  for (std::size_t n = 0; n < a.size(); ++n) {
    difference = static_cast<unsigned char>(difference | static_cast<unsigned char>(a[n] ^ b[n]));
  }
  return difference == 0;
}

bool changes_something(const Request& request) {
  return request.method != "GET" && request.method != "HEAD";
}

// A page of another site may send simple requests without asking; browsers name it in Origin.
bool from_elsewhere(const Request& request) {
  const std::string origin = lower(request.header("origin"));
  if (origin.empty()) return false;
  const std::size_t scheme_end = origin.find("://");
  if (scheme_end == origin.npos) return true;
  return std::string_view(origin).substr(scheme_end + 3) != lower(request.header("host"));
}

bool is_json(std::string_view content_type) {
  const std::string type = lower(content_type.substr(0, content_type.find(';')));
  return std::string_view(type).substr(0, type.find_last_not_of(" \t") + 1) == "application/json";
}

}  // namespace

bool is_loopback_name(std::string_view host) {
  const std::size_t bracket = host.find(']');
  const std::size_t colon = host.find(':', bracket == host.npos ? 0 : bracket);
  const std::string_view port = colon == host.npos ? std::string_view() : host.substr(colon + 1);
  if (port.find_first_not_of("0123456789") != port.npos || port.size() > 5) return false;
  const std::string name = lower(host.substr(0, colon));
  return name == "localhost" || name == "127.0.0.1" || name == "[::1]";
}

Gate::Gate(std::string_view key, Names names) : names_(names) {
  if (!key.empty()) key_digest_ = text::sha256(key);
}

bool Gate::knows_key(const Request& request) const {
  if (key_digest_.empty()) return true;
  const std::string_view given = request.header("authorization");
  constexpr std::string_view kScheme = "bearer ";
  if (lower(given.substr(0, kScheme.size())) != kScheme) return false;
  return same(text::sha256(given.substr(kScheme.size())), key_digest_);
}

std::optional<Response> Gate::refusal(const Request& request) const {
  if (names_ == Names::kLoopbackOnly && !is_loopback_name(request.header("host"))) {
    return http_problem(421, "This service answers to localhost, 127.0.0.1 and [::1].");
  }
  if (changes_something(request) && from_elsewhere(request)) {
    return http_problem(403, "Pages of other sites may not call this service.");
  }
  if (request.path.starts_with("/v1") && !knows_key(request)) {
    Response stranger = http_problem(401, "Send the service's key as 'Authorization: Bearer KEY'.");
    stranger.headers.emplace_back("WWW-Authenticate", "Bearer");
    return stranger;
  }
  if (auto matched = match(request.method, request.path); !matched)
    return std::move(matched).error();
  if (request.method == "POST" && !is_json(request.header("content-type"))) {
    return http_problem(415, "The body is JSON; say so with 'Content-Type: application/json'.");
  }
  return std::nullopt;
}

}  // namespace dramatis::server
