// The table of all addresses.
#include "server/router.h"

#include <optional>

#include <fmt/format.h>

#include "server/problem.h"

namespace dramatis::server {
namespace {

struct Route {
  std::string_view method;
  std::string_view before;  // of the path, up to the NPC's id
  std::string_view after;   // behind the id; where both are set, an id stands between them
  Endpoint endpoint;
};

constexpr Route kRoutes[] = {
    {"GET", "/healthz", "", Endpoint::kHealth},
    {"POST", "/v1/users", "", Endpoint::kMakeUser},
    {"POST", "/v1/npcs", "", Endpoint::kMakeNpc},
    {"GET", "/v1/npcs", "", Endpoint::kListNpcs},
    {"POST", "/v1/npcs/", "/chat", Endpoint::kChat},
    {"GET", "/v1/npcs/", "/history", Endpoint::kHistory},
    {"DELETE", "/v1/npcs/", "/history", Endpoint::kForget},
};

// The id in `path`, empty for a route without one; nothing where the path is another's.
std::optional<std::string_view> fits(const Route& route, std::string_view path) {
  if (route.after.empty())
    return path == route.before ? std::optional<std::string_view>("") : std::nullopt;
  if (path.size() <= route.before.size() + route.after.size()) return std::nullopt;
  if (!path.starts_with(route.before) || !path.ends_with(route.after)) return std::nullopt;
  path.remove_prefix(route.before.size());
  path.remove_suffix(route.after.size());
  if (path.find('/') != path.npos) return std::nullopt;
  return path;
}

}  // namespace

tl::expected<Match, Response> match(std::string_view method, std::string_view path) {
  std::string allowed;
  for (const Route& route : kRoutes) {
    const auto npc = fits(route, path);
    if (!npc) continue;
    if (route.method == method) return Match{.endpoint = route.endpoint, .npc = *npc};
    allowed += allowed.empty() ? "" : ", ";
    allowed += route.method;
  }
  if (allowed.empty())
    return tl::unexpected(http_problem(404, "Nothing is served at this address."));
  Response wrong = http_problem(405, fmt::format("This address takes {}.", allowed));
  wrong.headers.emplace_back("Allow", allowed);
  return tl::unexpected(std::move(wrong));
}

}  // namespace dramatis::server
