// The head of a request in bytes -> what it says, or why it is refused. Stricter than RFC 9112:
// whatever two readers could read differently is refused.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

#include "server/http.h"

namespace dramatis::server {

// An answer which ends the connection.
struct Refusal {
  int status{};
  std::string detail{};
};

enum class Framing { kNone, kLength, kChunked };
enum class After { kKeepAlive, kClose };
enum class Version { kHttp10, kHttp11 };

struct Head {
  Request request{};  // without its body
  Version version{};
  Framing framing = Framing::kNone;
  std::uint64_t length = 0;  // kLength
  After after = After::kKeepAlive;
  bool expects_continue = false;
};

// Judges bytes as they come, before the head is whole: control characters, bare line ends, bytes
// outside of ASCII. One thread at a time.
class HeadScanner {
 public:
  // How many of `bytes` belong to the head; sets whole() at the empty line.
  [[nodiscard]] tl::expected<std::size_t, Refusal> push(std::string_view bytes);
  [[nodiscard]] bool whole() const { return whole_; }
  // With its last empty line.
  [[nodiscard]] const std::string& bytes() const { return bytes_; }
  // The same, which are not kept any longer.
  [[nodiscard]] std::string take() { return std::exchange(bytes_, {}); }

 private:
  std::string bytes_;
  bool whole_ = false;
};

// `bytes` is whole.
[[nodiscard]] tl::expected<Head, Refusal> parse_head(std::string_view bytes);

}  // namespace dramatis::server
