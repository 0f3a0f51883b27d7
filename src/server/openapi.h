// The table of routes -> what clients read about it: OpenAPI 3.1, and a page for people.
#pragma once

#include <string>
#include <string_view>

#include "server/http.h"
#include "server/routes.h"
#include "text/json.h"

namespace dramatis::server {

// Every route that has an operation, with its schemas. Checked: whatever is under /v1 has one, but
// for foreign dialects, which their own makers describe.
[[nodiscard]] text::Json openapi_json(const Routes& routes, std::string_view version);

// The same for people: one page, no script, nothing loaded from elsewhere; its policy names the
// digest of its style.
[[nodiscard]] Response docs_page(const text::Json& openapi);

// `components` of that document: all that operations refer to.
[[nodiscard]] text::Json openapi_components();

}  // namespace dramatis::server
