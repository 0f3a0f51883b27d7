// Method and path -> the route that answers them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "server/http.h"
#include "server/route.h"

namespace dramatis::server {

struct Match {
  const Route* route = nullptr;  // lives as long as the table
  PathParts parts{};
};

// Immutable once filled; then thread-safe.
class Routes {
 public:
  // Checked: no other route has this method and pattern, or this operation.
  void add(Route route);
  void add(std::vector<Route> routes);
  // Gives the route at `place` what answers it, where that is made from the table itself.
  void answer(std::size_t place, std::function<void(const Call&, Answer&)> handler);

  // A HEAD finds the route of its GET. 404, or 405 with Allow where the path exists for other
  // methods.
  [[nodiscard]] tl::expected<Match, Response> match(std::string_view method,
                                                    std::string_view path) const;
  // The methods of `path`, as Allow names them; empty where nothing is there.
  [[nodiscard]] std::string allowed(std::string_view path) const;
  [[nodiscard]] const std::vector<Route>& all() const& { return routes_; }
  const std::vector<Route>& all() && = delete;

 private:
  std::vector<Route> routes_;
};

}  // namespace dramatis::server
