// Runs of the trainer as addresses, for writers.
#pragma once

#include <vector>

#include "runs/folder.h"
#include "server/route.h"

namespace dramatis::server {

// /v1/trainings. The folder outlives the routes.
[[nodiscard]] std::vector<Route> training_routes(const runs::Folder& folder);

}  // namespace dramatis::server
