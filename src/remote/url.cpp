// A strict subset of RFC 3986: what an operator writes, and nothing that two readers could read
// differently.
#include "remote/url.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "remote/limits.h"
#include "text/utterance.h"

namespace dramatis::remote {
namespace {

constexpr std::string_view kLettersAndDigits =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

bool made_of(std::string_view text, std::string_view marks) {
  return std::ranges::all_of(text, [&](char c) {
    return kLettersAndDigits.find(c) != std::string_view::npos ||
           marks.find(c) != std::string_view::npos;
  });
}

tl::unexpected<Error> wrong(std::string_view text, std::string_view why) {
  return fail(
      ErrorCode::kInvalidArgument,
      fmt::format("The address '{}' {}; write it like http://localhost:11434/v1.", text, why));
}

// Splits "host:port" or "[host]:port".
Status take_authority(std::string_view text, std::string_view whole, Url& url) {
  const bool bracketed = text.starts_with('[');
  const std::size_t host_end = bracketed ? text.find(']') : text.find(':');
  if (bracketed && host_end == text.npos)
    return wrong(whole, "opens a bracket and does not close it");
  url.host = bracketed ? text.substr(1, host_end - 1) : text.substr(0, host_end);
  if (url.host.empty() || !made_of(url.host, bracketed ? ":." : ".-_")) {
    return wrong(whole, "has no plain host name");
  }
  if (host_end == text.npos) return {};
  std::string_view rest = text.substr(bracketed ? host_end + 1 : host_end);
  if (rest.empty()) return {};
  rest.remove_prefix(1);
  const auto [end, ec] = std::from_chars(rest.data(), rest.data() + rest.size(), url.port);
  if (text[text.size() - rest.size() - 1] != ':' || ec != std::errc() ||
      end != rest.data() + rest.size() || url.port == 0) {
    return wrong(whole, "has a port that is no number from 1 to 65535");
  }
  return {};
}

}  // namespace

std::string Url::authority() const {
  const bool v6 = host.find(':') != host.npos;
  return fmt::format("{}{}{}:{}", v6 ? "[" : "", host, v6 ? "]" : "", port);
}

Result<Url> parse_url(std::string_view text) {
  if (text.size() > kMaxUrlBytes) {
    return fail(ErrorCode::kOverBudget,
                fmt::format("The address has {} bytes; at most {} are allowed.", text.size(),
                            kMaxUrlBytes));
  }
  if (text.find('@') != text.npos) {
    return fail(ErrorCode::kInvalidArgument,
                "The address holds an '@'; a key does not belong in an address, give it apart.");
  }
  Url url;
  std::string_view rest = text;
  if (rest.starts_with("http://")) {
    url = {.scheme = Scheme::kHttp, .host = {}, .port = 80, .path = {}};
    rest.remove_prefix(7);
  } else if (rest.starts_with("https://")) {
    url = {.scheme = Scheme::kHttps, .host = {}, .port = 443, .path = {}};
    rest.remove_prefix(8);
  } else {
    return wrong(text::printable(text), "does not begin with http:// or https://");
  }
  const std::size_t slash = rest.find('/');
  const std::string_view path = slash == rest.npos ? std::string_view() : rest.substr(slash);
  if (!made_of(path, "/-._~%"))
    return wrong(text::printable(text), "has a path with unusual letters");
  DRAMATIS_DO(take_authority(rest.substr(0, slash), text::printable(text), url));
  url.path = path;
  while (url.path.ends_with('/')) url.path.pop_back();
  return url;
}

}  // namespace dramatis::remote
