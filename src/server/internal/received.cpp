// The kernel's own header: glibc's tcp_info ends before the bytes received, and the two do not go
// together.
#include "server/internal/received.h"

#include <linux/tcp.h>
#include <sys/socket.h>

namespace dramatis::server {

std::uint64_t bytes_received(int socket) {
  constexpr int kTcp = 6;  // IPPROTO_TCP
  tcp_info info{};
  socklen_t size = sizeof(info);
  if (::getsockopt(socket, kTcp, TCP_INFO, &info, &size) != 0) return 0;
  return info.tcpi_bytes_received;
}

}  // namespace dramatis::server
