// The head of a request that wants to become a WebSocket -> may it.
#pragma once

#include <optional>
#include <string_view>

#include "server/http.h"

namespace dramatis::server {

// What our messages mean; a browser shows its key beside it, as "dramatis.key.KEY".
inline constexpr std::string_view kSocketProtocol = "dramatis.v1";

// Nothing: it may. 426 where it is no upgrade or of another version, 400 for a key that is no
// nonce, protocols without ours, a body, or a key in the address, which would be written into logs.
[[nodiscard]] std::optional<Response> judge_upgrade(const Request& request);

// Whether the client listed our protocol; the answer names it then.
[[nodiscard]] bool asks_for_protocol(const Request& request);

}  // namespace dramatis::server
