// Talks of NPCs as addresses, for writers.
#pragma once

#include <vector>

#include "server/arena_desk.h"
#include "server/route.h"

namespace dramatis::server {

// /v1/arenas. The desk outlives the routes.
[[nodiscard]] std::vector<Route> arena_routes(ArenaDesk& desk);

}  // namespace dramatis::server
