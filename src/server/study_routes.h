// Reports of studies as addresses, for writers.
#pragma once

#include <vector>

#include "server/route.h"
#include "study/shelf.h"

namespace dramatis::server {

// /v1/reports. The shelf outlives the routes.
[[nodiscard]] std::vector<Route> study_routes(const study::Shelf& shelf);

}  // namespace dramatis::server
