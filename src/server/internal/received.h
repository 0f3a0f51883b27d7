// What the kernel knows of a TCP connection.
#pragma once

#include <cstdint>

namespace dramatis::server {

// Bytes that came on this connection; 0 where the kernel does not say.
[[nodiscard]] std::uint64_t bytes_received(int socket);

}  // namespace dramatis::server
