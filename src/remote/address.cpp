// Cuts the query off and judges the rest as parse_url does.
#include "remote/address.h"

#include <algorithm>

#include <fmt/format.h>

#include "remote/limits.h"
#include "text/utterance.h"

namespace dramatis::remote {

std::string Address::target() const {
  return (url.path.empty() ? "/" : url.path) + query;
}

std::string Address::shown() const {
  return fmt::format("{}://{}{}", url.scheme == Scheme::kHttps ? "https" : "http", url.authority(),
                     url.path);
}

Result<Address> parse_address(std::string_view text) {
  const auto mark = std::min(text.find('?'), text.size());
  DRAMATIS_TRY(auto url, parse_url(text.substr(0, mark)));
  const auto query = text.substr(mark);
  if (query.size() > kMaxQueryBytes) {
    return fail(ErrorCode::kOverBudget,
                fmt::format("The address has a query of {} bytes; at most {} are allowed.",
                            query.size(), kMaxQueryBytes));
  }
  const bool is_plain = std::ranges::all_of(query, [](char c) {
    return c > 0x20 && c < 0x7F &&
           std::string_view("#\"<>\\^`{|}").find(c) == std::string_view::npos;
  });
  if (!is_plain)
    return fail(ErrorCode::kInvalidArgument, "The address has a query with unusual letters.");
  return Address{.url = std::move(url), .query = std::string(query)};
}

bool is_loopback(const Url& url) {
  const bool is_v4 = url.host.starts_with("127.") &&
                     url.host.find_first_not_of("0123456789.") == std::string::npos;
  return is_v4 || url.host == "::1" || url.host == "localhost";
}

Result<Address> redirect(const Address& from, std::string_view location) {
  const auto refused = [&](std::string_view why) {
    return fail(ErrorCode::kRefused, fmt::format("{} sends on to \"{}\", {}.", from.shown(),
                                                 text::printable(location.substr(0, 100)), why));
  };
  std::string whole(location);
  if (location.starts_with('/') && !location.starts_with("//")) {
    whole = fmt::format("{}://{}{}", from.url.scheme == Scheme::kHttps ? "https" : "http",
                        from.url.authority(), location);
  }
  const auto to = parse_address(whole);
  if (!to) return refused("which is no address of the web that can be fetched");
  if (from.url.scheme == Scheme::kHttps && to->url.scheme == Scheme::kHttp)
    return refused("where nobody would see that the file was changed on its way");
  if (!is_loopback(from.url) && is_loopback(to->url)) return refused("which is this machine");
  return *to;
}

}  // namespace dramatis::remote
