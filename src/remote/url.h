// The address of a service -> what is needed to call it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace dramatis::remote {

enum class Scheme { kHttp, kHttps };

// http://localhost:11434/v1
struct Url {
  Scheme scheme{};
  std::string host;  // a name or an address; IPv6 without brackets
  std::uint16_t port{};
  std::string path;  // "/v1", without a last slash; may be empty

  // "localhost:11434", with brackets around IPv6: for the Host header and for people.
  [[nodiscard]] std::string authority() const;
};

// Refuses user names, queries, fragments, and any byte that does not belong in a request line.
// Errors: kInvalidArgument, kOverBudget.
[[nodiscard]] Result<Url> parse_url(std::string_view text);

}  // namespace dramatis::remote
