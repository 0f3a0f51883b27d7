// Data sets and what writers make of their answers, as addresses.
#pragma once

#include <vector>

#include "server/curation_desk.h"
#include "server/route.h"

namespace dramatis::server {

// /v1/datasets. The desk outlives the routes.
[[nodiscard]] std::vector<Route> curation_routes(CurationDesk& desk);

}  // namespace dramatis::server
