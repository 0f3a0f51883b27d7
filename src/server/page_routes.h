// The page's files -> addresses that serve them to anybody.
#pragma once

#include <span>
#include <vector>

#include "server/page_files.h"
#include "server/route.h"

namespace dramatis::server {

// None where there are no files. `files` outlives the routes.
[[nodiscard]] std::vector<Route> page_routes(std::span<const PageFile> files);

// Whether an Accept-Encoding lets us answer in gzip (RFC 9110, 12.5.3).
[[nodiscard]] bool takes_gzip(std::string_view accept_encoding);

// Whether an If-None-Match names `tag` (RFC 9110, 13.1.2).
[[nodiscard]] bool has_tag(std::string_view if_none_match, std::string_view tag);

}  // namespace dramatis::server
