// Responses and events -> the bytes of HTTP.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "server/head.h"
#include "server/http.h"

namespace dramatis::server {

// How an answer is laid on the wire.
struct Wire {
  Version version = Version::kHttp11;
  After after = After::kClose;
  std::string_view method = "GET";  // the answer to a HEAD has no body
  Instant now{};
  std::string_view headers{};  // whole lines for the head, beside the answer's own
};

[[nodiscard]] std::string print_response(const Response& response, const Wire& wire);

constexpr std::string_view kEventStream = "text/event-stream";

// The head of a stream: chunked, or up to the end of the connection in HTTP/1.0.
[[nodiscard]] std::string print_stream_head(std::string_view content_type, const Wire& wire);
// A piece of that stream.
[[nodiscard]] std::string print_piece(std::string_view bytes, Version version);
// An event; `data` has no line breaks.
[[nodiscard]] std::string print_event(std::string_view type, std::string_view data);
// After the last piece.
[[nodiscard]] std::string_view stream_end(Version version);

}  // namespace dramatis::server
