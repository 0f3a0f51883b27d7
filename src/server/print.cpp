// Status line, the same security headers for all, then what the answer adds.
#include "server/print.h"

#include <algorithm>
#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/check.h"

namespace dramatis::server {
namespace {

std::string_view reason(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
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
    case 426:
      return "Upgrade Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 499:
      return "Client Closed Request";
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

struct DefaultHeader {
  std::string_view name;
  std::string_view value;
};
// An API answer is data: it is not sniffed, framed, cached or run. An answer that is a page says
// otherwise itself.
constexpr DefaultHeader kSecurity[] = {
    {"X-Content-Type-Options", "nosniff"},
    {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
    {"X-Frame-Options", "DENY"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Referrer-Policy", "no-referrer"},
    {"Cache-Control", "no-store"},
};

std::string print_start(int status, const Headers& own, After after, const Wire& wire) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(wire.now);
  std::string out = fmt::format("HTTP/1.1 {} {}\r\nDate: {:%a, %d %b %Y %H:%M:%S} GMT\r\n", status,
                                reason(status), fmt::gmtime(seconds));
  const bool shared = wire.headers.find("Access-Control-Allow-Origin") != std::string_view::npos;
  for (const auto& [name, value] : kSecurity) {
    const bool said = std::ranges::any_of(own, [n = name](const auto& h) { return h.first == n; });
    if (said || (shared && name == "Cross-Origin-Resource-Policy")) continue;
    out += fmt::format("{}: {}\r\n", name, value);
  }
  out += wire.headers;
  for (const auto& [name, value] : own) {
    // A line end in a value would be a header, or an answer, of somebody else's making.
    DRAMATIS_CHECK(value.find_first_of("\r\n") == value.npos);
    out += fmt::format("{}: {}\r\n", name, value);
  }
  return out + fmt::format("Connection: {}\r\n", after == After::kClose ? "close" : "keep-alive");
}

}  // namespace

std::string print_response(const Response& response, const Wire& wire) {
  std::string out = print_start(response.status, response.headers, wire.after, wire);
  if (!response.content_type.empty())
    out += fmt::format("Content-Type: {}\r\n", response.content_type);
  // 304 speaks of an answer whose length was told before.
  if (response.status != 204 && response.status != 304)
    out += fmt::format("Content-Length: {}\r\n", response.body.size());
  out += "\r\n";
  if (wire.method != "HEAD") out += response.body;
  return out;
}

std::string print_stream_head(std::string_view content_type, const Wire& wire) {
  const bool chunked = wire.version == Version::kHttp11;
  return print_start(200, {}, chunked ? wire.after : After::kClose, wire) +
         fmt::format("Content-Type: {}\r\nX-Accel-Buffering: no\r\n", content_type) +
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
