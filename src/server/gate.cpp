// Host, origin, key, role, address, content type: in this order.
#include "server/gate.h"

#include <algorithm>
#include <optional>

#include <arpa/inet.h>
#include <fmt/format.h>

#include "accounts/limits.h"
#include "server/problem.h"

namespace dramatis::server {
namespace {

// Of a key in the list of a WebSocket's protocols: browsers let a page set no other header.
constexpr std::string_view kKeyProtocol = "dramatis.key.";

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool is_reading(const Request& request) {
  return request.method == "GET" || request.method == "HEAD";
}

bool is_json(std::string_view content_type) {
  const std::string type = lower(content_type.substr(0, content_type.find(';')));
  return std::string_view(type).substr(0, type.find_last_not_of(" \t") + 1) == "application/json";
}

bool has_body(const Request& request) {
  const std::string_view length = request.header("content-length");
  return !request.header("transfer-encoding").empty() ||
         length.find_first_not_of('0') != length.npos;
}

// Host without its port; nothing where the port is none.
std::optional<std::string> name_of(std::string_view host) {
  const std::size_t bracket = host.find(']');
  const std::size_t colon = host.find(':', bracket == host.npos ? 0 : bracket);
  const std::string_view port = colon == host.npos ? std::string_view() : host.substr(colon + 1);
  if (port.find_first_not_of("0123456789") != port.npos || port.size() > 5) return std::nullopt;
  return lower(host.substr(0, colon));
}

// The key that a request shows, in either of its two places.
std::string_view shown_key(const Request& request) {
  constexpr std::string_view kScheme = "bearer ";
  const std::string_view given = request.header("authorization");
  if (lower(given.substr(0, kScheme.size())) == kScheme) return given.substr(kScheme.size());
  const std::string_view protocols = request.header("sec-websocket-protocol");
  const std::size_t at = protocols.find(kKeyProtocol);
  if (!given.empty() || at == protocols.npos || request.header("upgrade").empty()) return {};
  const std::string_view rest = protocols.substr(at + kKeyProtocol.size());
  return rest.substr(0, rest.find_first_of(", "));
}

Response stranger() {
  Response refused = http_problem(401, "Send a key as 'Authorization: Bearer KEY'.");
  refused.headers.emplace_back("WWW-Authenticate", "Bearer");
  return refused;
}

std::optional<Response> wrong_body(const Route& route, const Request& request) {
  const bool json = is_json(request.header("content-type"));
  if ((route.takes == Takes::kJson && !json) ||
      (route.takes == Takes::kMaybeJson && !json && has_body(request))) {
    return http_problem(415, "The body is JSON; say so with 'Content-Type: application/json'.");
  }
  if (route.takes == Takes::kNothing && has_body(request)) {
    return http_problem(400, "Nothing is read at this address; leave the body away.");
  }
  return std::nullopt;
}

}  // namespace

bool is_loopback_name(std::string_view host) {
  const auto name = name_of(host);
  return name && (*name == "localhost" || *name == "127.0.0.1" || *name == "[::1]");
}

bool is_address(std::string_view host) {
  auto name = name_of(host);
  if (!name) return false;
  in_addr four{};
  if (::inet_pton(AF_INET, name->c_str(), &four) == 1) return true;
  if (!name->starts_with('[') || !name->ends_with(']')) return false;
  in6_addr six{};
  return ::inet_pton(AF_INET6, name->substr(1, name->size() - 2).c_str(), &six) == 1;
}

Gate::Gate(GateOptions options, const Routes& routes, const accounts::KeyRing* ring)
    : options_(std::move(options)), routes_(routes), ring_(ring) {
  if (!options_.key.empty()) key_digest_ = accounts::digest_of(options_.key);
  for (std::string& name : options_.own_names) name = lower(name);
  for (std::string& origin : options_.origins) origin = lower(origin);
  options_.key.clear();
}

Result<bool> Gate::is_open() const {
  if (!key_digest_.empty()) return false;
  return ring_ == nullptr ? Result<bool>(true) : ring_->empty();
}

bool Gate::knows_name(std::string_view host) const {
  if (options_.names == Names::kAny || is_loopback_name(host)) return true;
  const auto name = name_of(host);
  if (name && std::ranges::find(options_.own_names, *name) != options_.own_names.end()) return true;
  return options_.names == Names::kAddresses && is_address(host);
}

// A page of another site may send simple requests without asking; browsers tell of it.
bool Gate::knows_page(const Request& request) const {
  const std::string origin = lower(request.header("origin"));
  if (std::ranges::find(options_.origins, origin) != options_.origins.end()) return true;
  if (!origin.empty()) {
    const std::size_t scheme_end = origin.find("://");
    if (scheme_end == origin.npos) return false;
    return std::string_view(origin).substr(scheme_end + 3) == lower(request.header("host"));
  }
  const std::string_view site = request.header("sec-fetch-site");
  if (site != "cross-site" && site != "same-site") return true;
  // A link that somebody follows is no call of a page.
  return is_reading(request) && request.header("sec-fetch-mode") == "navigate";
}

tl::expected<Identity, Response> Gate::identify(const Request& request) const {
  const auto open = is_open();
  if (!open) return tl::unexpected(problem(open.error()));
  if (*open) return Identity{};
  const std::string_view shown = shown_key(request);
  if (shown.empty() || shown.size() > accounts::kMaxSecretBytes) return tl::unexpected(stranger());
  if (!key_digest_.empty() && accounts::same_digest(accounts::digest_of(shown), key_digest_))
    return Identity{};
  if (ring_ == nullptr) return tl::unexpected(stranger());
  const auto key = ring_->find(shown);
  if (!key) return tl::unexpected(problem(key.error()));
  if (!*key) return tl::unexpected(stranger());
  const accounts::Key& known = **key;
  return Identity{.role = known.role, .user = known.user, .key = known.id, .quota = known.quota};
}

// A stranger does not learn which addresses there are.
tl::expected<Match, Response> Gate::find(const Request& request) const {
  auto match = routes_.match(request.method, request.path);
  if (match) return match;
  const auto who = identify(request);
  if (!who && who.error().status == 401 && request.path.starts_with("/v1"))
    return tl::unexpected(who.error());
  return match;
}

tl::expected<Admitted, Response> Gate::admit(const Request& request) const {
  auto match = find(request);
  if (!match) return tl::unexpected(std::move(match).error());
  const Route& route = *match->route;
  const Caller least = route.pattern == "/metrics" ? options_.metrics : route.caller;
  Admitted admitted;
  if (least != Caller::kAnybody) {
    auto who = identify(request);
    if (!who) return tl::unexpected(route.reword ? route.reword(who.error()) : who.error());
    admitted.who = *std::move(who);
    if (!may_call(least, admitted.who.role)) {
      const Response refused =
          http_problem(403, fmt::format("This is for {}; your key is a {}'s.",
                                        least == Caller::kOwner ? "owners" : "owners and writers",
                                        accounts::print_role(admitted.who.role)));
      return tl::unexpected(route.reword ? route.reword(refused) : refused);
    }
  }
  if (auto wrong = wrong_body(route, request))
    return tl::unexpected(route.reword ? route.reword(*std::move(wrong)) : *std::move(wrong));
  admitted.match = *std::move(match);
  return admitted;
}

std::string Gate::cors_lines(const Request& request) const {
  if (options_.origins.empty()) return {};
  std::string lines = "Vary: Origin\r\n";
  const std::string_view origin = request.header("origin");
  if (std::ranges::find(options_.origins, lower(origin)) != options_.origins.end()) {
    lines += fmt::format(
        "Access-Control-Allow-Origin: {}\r\n"
        "Access-Control-Expose-Headers: Location, Retry-After\r\n",
        origin);
  }
  return lines;
}

Response Gate::preflight(const Request& request) const {
  const std::string methods = routes_.allowed(request.path);
  if (methods.empty()) return http_problem(404, "Nothing is served at this address.");
  Response response{.status = 204};
  response.headers.emplace_back("Allow", methods);
  if (!request.header("access-control-request-method").empty()) {
    response.headers.emplace_back("Access-Control-Allow-Methods", methods);
    response.headers.emplace_back("Access-Control-Allow-Headers",
                                  "Authorization, Content-Type, Idempotency-Key, Prefer");
    response.headers.emplace_back("Access-Control-Max-Age", "600");
  }
  return response;
}

tl::expected<Admitted, Turned> Gate::judge(const Request& request) const {
  if (!knows_name(request.header("host"))) {
    return tl::unexpected(Turned{
        .response = http_problem(
            421, options_.names == Names::kLoopback
                     ? "This service answers to localhost, 127.0.0.1 and [::1]."
                     : "This service does not answer to this name; the setting 'names' lists "
                       "those that it has.")});
  }
  if (!knows_page(request)) {
    return tl::unexpected(
        Turned{.response = http_problem(403, "Pages of other sites may not call this service.")});
  }
  std::string lines = cors_lines(request);
  if (request.method == "OPTIONS")
    return tl::unexpected(Turned{.response = preflight(request), .headers = std::move(lines)});
  auto admitted = admit(request);
  if (!admitted) {
    return tl::unexpected(
        Turned{.response = std::move(admitted).error(), .headers = std::move(lines)});
  }
  admitted->headers = std::move(lines);
  return *std::move(admitted);
}

}  // namespace dramatis::server
