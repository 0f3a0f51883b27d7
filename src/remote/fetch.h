// An address -> an open answer, after all redirects.
#pragma once

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "remote/address.h"
#include "remote/exchange.h"

namespace dramatis::remote {

// What all fetches of one file share. All of it outlives the fetch.
struct FetchContext {
  const Transport& transport;
  const Clock& clock;
  std::stop_token stop;
  std::chrono::milliseconds connect_timeout{15'000};
  std::chrono::milliseconds idle_timeout{30'000};  // without a byte
  bool allows_http = false;                        // elsewhere than on this machine
};

// An answer whose body can be read.
struct Fetched {
  std::unique_ptr<Exchange> exchange;
  Head head{};
  Address from;               // where it came from in the end
  std::string linked_etag{};  // as the first host that told it said
  std::string linked_size{};
};

// Follows at most kMaxRedirects. No header of `headers` holds a secret: all hosts get them. Errors:
// those of Exchange and redirect; kRefused for http elsewhere than on this machine.
[[nodiscard]] Attempt<Fetched> fetch(const FetchContext& context, const Address& address,
                                     const Headers& headers, std::uint64_t most_bytes);

// A body of at most `most_bytes` with the status 200. Errors: as above; kNotFound, kRefused and
// kUnavailable by status.
[[nodiscard]] Result<std::string> fetch_text(const FetchContext& context, const Address& address,
                                             std::uint64_t most_bytes);

// The error of a status that is no success.
[[nodiscard]] Failure failure_of(const Head& head, const Address& address);

}  // namespace dramatis::remote
