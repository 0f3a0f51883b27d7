// One HTTP request and its answer over a socket of its own; blocks, with a time limit on every
// step.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "base/clock.h"
#include "base/result.h"
#include "remote/limits.h"
#include "remote/url.h"

namespace dramatis::remote {

// Whether the same request may be sent again: kOnce where the service may already have worked on
// it.
enum class Again { kNever, kOnce, kYes };

// Who has to mend it.
enum class Blame {
  kService,   // it is away, busy or talks nonsense; others like it may not
  kOperator,  // key, balance, address or certificate: it fails until somebody mends that
  kNobody,    // the request itself: it would fail elsewhere, too, or its caller has left
};

struct Failure {
  Error error;
  Again again = Again::kNever;
  std::optional<std::chrono::milliseconds> after{};  // the service asked for this pause
  Blame blame = Blame::kService;
  int status = 0;      // of the answer; 0 where there was none
  std::string gist{};  // the error's sentence without the service's words; empty: it has none
};

template <class T>
using Attempt = tl::expected<T, Failure>;

inline tl::unexpected<Failure> failed(ErrorCode code, std::string what,
                                      Again again = Again::kNever) {
  const Blame blame = code == ErrorCode::kCancelled ? Blame::kNobody : Blame::kService;
  return tl::unexpected<Failure>(
      Failure{.error = {code, std::move(what)}, .again = again, .blame = blame});
}

using Headers = std::vector<std::pair<std::string, std::string>>;

// What all calls of a model share: trusted certificates and the threads that look names up.
// Thread-safe.
class Transport {
 public:
  // `trusted_pem`: certificates to trust instead of the system's; empty: the system's, which are
  // read for https alone (50 ms). Errors: kInvalidArgument where they cannot be read.
  [[nodiscard]] static Result<Transport> open(Scheme scheme, const std::string& trusted_pem);

  Transport(Transport&&) noexcept;
  Transport& operator=(Transport&&) noexcept;
  ~Transport();

 private:
  friend class Exchange;
  struct Impl;
  explicit Transport(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// The head of an answer; absent headers are empty.
struct Head {
  int status{};
  std::string content_type{};
  std::string content_encoding{};
  std::string retry_after{};
  std::string retry_after_ms{};
  std::string location{};
  std::string etag{};
  std::string content_length{};
  std::string content_range{};
  std::string
      linked_etag{};  // x-linked-etag and x-linked-size: Hugging Face's hash and size of the
  std::string linked_size{};  // file that an address leads to
};

// A part of an answer's body.
struct Piece {
  enum class Kind { kBytes, kEnd, kTimeUp };
  Kind kind{};
  std::string bytes{};
};

// Redirects are not followed. Each call returns kDeadline when `until` passes and kCancelled within
// a moment of a stop; then, or after any failure, the exchange is over. One thread at a time.
class Exchange {
 public:
  // `shared` outlives it. `most_bytes`: of the answer's body.
  Exchange(const Transport& shared, std::stop_token stop,
           std::uint64_t most_bytes = kMaxResponseBytes);
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  ~Exchange();

  // Looks up, connects and, under https, checks certificate and host name.
  [[nodiscard]] Attempt<void> connect(const Url& url, SteadyTime until);
  // Sends `method path` with a body, and reads the head of the answer. `headers` hold no line
  // breaks.
  [[nodiscard]] Attempt<Head> send(std::string_view method, const std::string& path,
                                   const Headers& headers, const std::string& body,
                                   SteadyTime until);
  // The same for `POST path`.
  [[nodiscard]] Attempt<Head> post(const std::string& path, const Headers& headers,
                                   const std::string& body, SteadyTime until);
  // The same for `GET path`.
  [[nodiscard]] Attempt<Head> get(const std::string& path, const Headers& headers,
                                  SteadyTime until);
  // The next bytes of the body, at most `most_bytes` in all; kTimeUp instead of kDeadline.
  [[nodiscard]] Attempt<Piece> read(SteadyTime until);

 private:
  struct Impl;
  [[nodiscard]] Attempt<Head> ask(const std::string& request, SteadyTime until);
  std::unique_ptr<Impl> impl_;
};

}  // namespace dramatis::remote
