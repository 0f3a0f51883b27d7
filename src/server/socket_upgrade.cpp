// Source: RFC 6455, 4.2.1.
#include "server/socket_upgrade.h"

#include <algorithm>
#include <string>

#include "server/problem.h"

namespace dramatis::server {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

// Whether `list`, parted by commas, holds `word`.
bool lists(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    std::string_view item = list.substr(0, comma);
    while (item.starts_with(' ') || item.starts_with('\t')) item.remove_prefix(1);
    while (item.ends_with(' ') || item.ends_with('\t')) item.remove_suffix(1);
    if (lower(item) == word) return true;
    list = comma == list.npos ? std::string_view() : list.substr(comma + 1);
  }
  return false;
}

// 16 bytes in Base64: 22 letters and "==".
bool is_nonce(std::string_view text) {
  if (text.size() != 24 || !text.ends_with("==")) return false;
  return std::ranges::all_of(text.substr(0, 22), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
  });
}

Response not_spoken(std::string_view detail) {
  Response response = http_problem(426, detail);
  response.headers.emplace_back("Upgrade", "websocket");
  response.headers.emplace_back("Sec-WebSocket-Version", "13");
  return response;
}

}  // namespace

bool asks_for_protocol(const Request& request) {
  return lists(request.header("sec-websocket-protocol"), kSocketProtocol);
}

std::optional<Response> judge_upgrade(const Request& request) {
  for (const std::string_view name : {"key", "token", "access_token", "api_key", "authorization"}) {
    if (request.query.find(std::string(name) + "=") != std::string::npos)
      return http_problem(400,
                          "A key in an address is written into logs; send it as Authorization, or "
                          "as the protocol dramatis.key.KEY.");
  }
  if (request.method != "GET" || !lists(request.header("upgrade"), "websocket") ||
      !lists(request.header("connection"), "upgrade")) {
    return not_spoken("This address speaks WebSocket; ask for an upgrade.");
  }
  if (request.header("sec-websocket-version") != "13")
    return not_spoken("WebSocket is spoken in version 13.");
  if (!is_nonce(request.header("sec-websocket-key")))
    return http_problem(400, "Sec-WebSocket-Key is no 16 bytes in Base64.");
  if (!request.header("sec-websocket-protocol").empty() && !asks_for_protocol(request))
    return http_problem(400, "Of the protocols dramatis.v1 is spoken.");
  return std::nullopt;
}

}  // namespace dramatis::server
