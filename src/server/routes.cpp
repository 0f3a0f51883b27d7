// Patterns against paths, piece by piece.
#include "server/routes.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "base/check.h"
#include "server/problem.h"

namespace dramatis::server {
namespace {

// Cuts the first piece from `path`, which begins with '/'.
std::string_view take_piece(std::string_view& path) {
  path.remove_prefix(1);
  const std::size_t end = path.find('/');
  const std::string_view piece = path.substr(0, end);
  path = end == path.npos ? std::string_view() : path.substr(end);
  return piece;
}

// "{name...}" stands for all that is left.
constexpr std::string_view kRest = "...}";

bool is_name(std::string_view piece) {
  return piece.starts_with('{') && piece.ends_with('}');
}

// The parts of `path` that `pattern` names; nothing where they do not agree.
std::optional<PathParts> fit(std::string_view pattern, std::string_view path) {
  PathParts parts;
  while (!pattern.empty() && !path.empty()) {
    const std::string_view wanted = take_piece(pattern);
    const std::string_view whole = path.substr(1);
    const std::string_view piece = take_piece(path);
    if (wanted.ends_with(kRest) && !piece.empty()) {
      parts.emplace(wanted.substr(1, wanted.size() - 1 - kRest.size()), whole);
      return parts;
    }
    if (is_name(wanted) && !piece.empty()) {
      parts.emplace(wanted.substr(1, wanted.size() - 2), piece);
    } else if (wanted != piece) {
      return std::nullopt;
    }
  }
  if (!pattern.empty() || !path.empty()) return std::nullopt;
  return parts;
}

// Words of the pattern beat names: /v1/npcs/import is no NPC.
bool is_nearer(const Route& one, const Route& other) {
  return std::ranges::count(one.pattern, '{') < std::ranges::count(other.pattern, '{');
}

}  // namespace

bool may_call(Caller caller, accounts::Role role) {
  switch (caller) {
    case Caller::kAnybody:
    case Caller::kPlayer:
      return true;
    case Caller::kWriter:
      return role != accounts::Role::kPlayer;
    case Caller::kOwner:
      return role == accounts::Role::kOwner;
  }
  return false;
}

void Routes::add(Route route) {
  for (const Route& other : routes_) {
    DRAMATIS_CHECK(other.method != route.method || other.pattern != route.pattern);
    DRAMATIS_CHECK(route.operation.empty() || other.operation != route.operation);
  }
  DRAMATIS_CHECK(route.pattern.starts_with('/'));
  routes_.push_back(std::move(route));
}

void Routes::add(std::vector<Route> routes) {
  for (Route& route : routes) add(std::move(route));
}

void Routes::answer(std::size_t place, std::function<void(const Call&, Answer&)> handler) {
  routes_.at(place).handler = std::move(handler);
}

tl::expected<Match, Response> Routes::match(std::string_view method, std::string_view path) const {
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  Match best;
  for (const Route& route : routes_) {
    if (route.method != wanted || (best.route != nullptr && !is_nearer(route, *best.route)))
      continue;
    if (auto parts = fit(route.pattern, path)) best = {.route = &route, .parts = *std::move(parts)};
  }
  if (best.route != nullptr) return best;
  const std::string others = allowed(path);
  if (others.empty())
    return tl::unexpected(http_problem(404, "Nothing is served at this address."));
  Response wrong = http_problem(405, fmt::format("This address takes {}.", others));
  wrong.headers.emplace_back("Allow", others);
  return tl::unexpected(std::move(wrong));
}

std::string Routes::allowed(std::string_view path) const {
  std::string methods;
  bool reads = false;
  for (const Route& route : routes_) {
    if (!fit(route.pattern, path)) continue;
    reads |= route.method == "GET";
    methods += methods.empty() ? "" : ", ";
    methods += route.method;
  }
  if (methods.empty()) return {};
  return methods + (reads ? ", HEAD, OPTIONS" : ", OPTIONS");
}

}  // namespace dramatis::server
