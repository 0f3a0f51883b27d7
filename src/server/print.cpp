// Status line, the same security headers for all, then what the answer adds.
#include "server/print.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace dramatis::server {
namespace {

std::string_view reason(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 204:
      return "No Content";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 421:
      return "Misdirected Request";
    case 422:
      return "Unprocessable Content";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Answer";
  }
}

// An API answer is data: it is not sniffed, framed, cached or run.
constexpr std::string_view kSecurity =
    "X-Content-Type-Options: nosniff\r\n"
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Cache-Control: no-store\r\n";

std::string print_start(int status, After after, Instant now) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  return fmt::format("HTTP/1.1 {} {}\r\nDate: {:%a, %d %b %Y %H:%M:%S} GMT\r\n{}Connection: {}\r\n",
                     status, reason(status), fmt::gmtime(seconds), kSecurity,
                     after == After::kClose ? "close" : "keep-alive");
}

}  // namespace

std::string print_response(const Response& response, const Wire& wire) {
  std::string out = print_start(response.status, wire.after, wire.now);
  for (const auto& [name, value] : response.headers) out += fmt::format("{}: {}\r\n", name, value);
  if (!response.content_type.empty())
    out += fmt::format("Content-Type: {}\r\n", response.content_type);
  if (response.status != 204) out += fmt::format("Content-Length: {}\r\n", response.body.size());
  out += "\r\n";
  if (wire.method != "HEAD") out += response.body;
  return out;
}

std::string print_stream_head(const Wire& wire) {
  const bool chunked = wire.version == Version::kHttp11;
  return print_start(200, chunked ? wire.after : After::kClose, wire.now) +
         "Content-Type: text/event-stream\r\nX-Accel-Buffering: no\r\n" +
         (chunked ? "Transfer-Encoding: chunked\r\n\r\n" : "\r\n");
}

std::string print_piece(std::string_view bytes, Version version) {
  if (version == Version::kHttp10) return std::string(bytes);
  return fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes);
}

std::string print_event(std::string_view type, std::string_view data) {
  return fmt::format("event: {}\ndata: {}\n\n", type, data);
}

std::string_view stream_end(Version version) {
  return version == Version::kHttp10 ? "" : "0\r\n\r\n";
}

}  // namespace dramatis::server
