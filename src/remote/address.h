// The address of a file, with its query, and whether one may be sent on from it to another.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "remote/url.h"

namespace dramatis::remote {

struct Address {
  Url url;
  std::string query{};  // with its ?; may be empty

  // "/path?query": for the request line.
  [[nodiscard]] std::string target() const;
  // Without the query, which may hold a signature: for people.
  [[nodiscard]] std::string shown() const;
};

// Errors: as parse_url; kInvalidArgument for a fragment or a byte that no request line holds.
[[nodiscard]] Result<Address> parse_address(std::string_view text);

// 127.0.0.0/8, ::1 or localhost.
[[nodiscard]] bool is_loopback(const Url& url);

// Where `location` leads from `from`: a path of the same host, or a whole address. Never to another
// scheme than http and https, never from https to http, and never from elsewhere to this machine.
// Errors: kRefused saying why.
[[nodiscard]] Result<Address> redirect(const Address& from, std::string_view location);

}  // namespace dramatis::remote
