// LoRA adapters that come and go while the service runs, as addresses for owners.
#pragma once

#include <vector>

#include "server/adapter_desk.h"
#include "server/route.h"

namespace dramatis::server {

// /v1/adapters. The desk outlives the routes.
[[nodiscard]] std::vector<Route> adapter_routes(AdapterDesk& desk);

}  // namespace dramatis::server
