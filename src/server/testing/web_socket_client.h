// A WebSocket client of raw frames: says anything, correctly or not.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "server/testing/client.h"

namespace dramatis::server::testing {

// What a server sent: an opcode and what it carried; opcode 0xFF: the connection is gone.
struct Frame {
  int opcode = 0xFF;
  std::string payload{};
};

class WebSocketClient {
 public:
  explicit WebSocketClient(int port, std::string_view more = "") : client_(port) {
    client_.send(fmt::format(
        "GET /v1/ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{}\r\n",
        more));
    head_ = client_.read_to("\r\n\r\n");
  }
  [[nodiscard]] const std::string& head() const { return head_; }
  [[nodiscard]] bool open() const { return head_.starts_with("HTTP/1.1 101 "); }
  Client& raw() { return client_; }

  // A frame with the bits `first` and a mask of zeros, which changes nothing.
  static std::string frame(int first, std::string_view payload) {
    std::string bytes(1, static_cast<char>(first));
    if (payload.size() < 126) {
      bytes += static_cast<char>(0x80U | payload.size());
    } else if (payload.size() < 65536) {
      bytes += static_cast<char>(0x80U | 126U);
      bytes += static_cast<char>(payload.size() >> 8U);
      bytes += static_cast<char>(payload.size() & 0xFFU);
    } else {
      bytes += static_cast<char>(0x80U | 127U);
      for (int shift = 56; shift >= 0; shift -= 8)
        bytes += static_cast<char>((payload.size() >> shift) & 0xFFU);
    }
    return bytes + std::string(4, '\0') + std::string(payload);
  }
  void text(std::string_view words) { client_.send(frame(0x81, words)); }

  Frame read() {
    const std::string head = client_.read_bytes(2);
    if (head.size() < 2) return {};
    Frame got{.opcode = head[0] & 0x0F};
    std::size_t size = head[1] & 0x7F;
    if (size == 126) {
      const std::string more = client_.read_bytes(2);
      size = static_cast<std::size_t>(static_cast<unsigned char>(more[0])) << 8U |
             static_cast<unsigned char>(more[1]);
    }
    got.payload = client_.read_bytes(size);
    return got;
  }
  // The next text, pings left alone; empty at the end.
  std::string read_text() {
    Frame got = read();
    while (got.opcode == 9 || got.opcode == 10) got = read();
    return got.opcode == 1 ? got.payload : std::string();
  }
  // The code of the close that the server sends; 0 where it just goes.
  int read_close() {
    Frame got = read();
    while (got.opcode != 8 && got.opcode != 0xFF) got = read();
    if (got.payload.size() < 2) return 0;
    return static_cast<unsigned char>(got.payload[0]) << 8 |
           static_cast<unsigned char>(got.payload[1]);
  }

 private:
  Client client_;
  std::string head_;
};

}  // namespace dramatis::server::testing
