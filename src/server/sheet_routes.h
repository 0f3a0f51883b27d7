// Who can be played, and the sheets behind them, as addresses.
#pragma once

#include <vector>

#include "dialogue/store.h"
#include "server/route.h"
#include "server/sheet_desk.h"

namespace dramatis::server {

// GET /v1/cast and portraits for everybody who plays; /v1/sheets for writers. What they are given
// outlives the routes.
[[nodiscard]] std::vector<Route> sheet_routes(SheetDesk& desk, const dialogue::Store& store);

}  // namespace dramatis::server
