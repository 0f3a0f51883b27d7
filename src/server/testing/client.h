// A client of raw bytes: says anything, correctly or not, and reads what comes back.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace dramatis::server::testing {

// What came back; status 0: the connection was closed without an answer.
struct Got {
  int status = 0;
  std::string head{};
  std::string body{};
};

class Client {
 public:
  explicit Client(int port, int receive_buffer = 0)
      : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (receive_buffer > 0)
      ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
      throw std::runtime_error("nobody listens");
    }
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() { hang_up(); }

  void hang_up() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

  // False where the peer has closed.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const long sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  // Reads until `mark` is in what was read, and takes all up to its end; empty where it never
  // comes.
  std::string read_to(std::string_view mark) {
    std::size_t at = read_.find(mark);
    while (at == read_.npos) {
      if (!receive()) return {};
      at = read_.find(mark);
    }
    const std::string taken = read_.substr(0, at + mark.size());
    read_.erase(0, taken.size());
    return taken;
  }

  // So many bytes; fewer where the connection ends.
  std::string read_bytes(std::size_t count) {
    while (read_.size() < count && receive()) {
    }
    const std::string taken = read_.substr(0, count);
    read_.erase(0, taken.size());
    return taken;
  }

  // One response with a Content-Length, or without a body.
  Got read_response() {
    Got got;
    got.head = read_to("\r\n\r\n");
    if (got.head.size() < 12) return {};
    got.status = std::stoi(got.head.substr(9, 3));
    const std::size_t length = got.head.find("Content-Length: ");
    const std::size_t size = length == got.head.npos ? 0 : std::stoul(got.head.substr(length + 16));
    while (read_.size() < size && receive()) {
    }
    got.body = read_.substr(0, size);
    read_.erase(0, size);
    return got;
  }

  Got ask(std::string_view bytes) {
    send(bytes);
    return read_response();
  }

  // All to the end of the connection.
  std::string read_all() {
    while (receive()) {
    }
    return std::exchange(read_, {});
  }

  // Whether the peer closes within five seconds, with nothing more to say.
  bool closed() { return read_all().empty() && closed_; }

 private:
  bool receive() {
    pollfd watched{.fd = fd_, .events = POLLIN, .revents = 0};
    if (::poll(&watched, 1, 5000) != 1) return false;
    char buffer[8192];
    const long got = ::recv(fd_, buffer, sizeof(buffer), 0);
    closed_ = got <= 0;
    if (got <= 0) return false;
    read_.append(buffer, static_cast<std::size_t>(got));
    return true;
  }

  int fd_;
  std::string read_;
  bool closed_ = false;
};

inline std::string get(std::string_view path, std::string_view more = "") {
  return fmt::format("GET {} HTTP/1.1\r\nHost: localhost\r\n{}\r\n", path, more);
}
// Any method with a body, or without one.
inline std::string ask(std::string_view method, std::string_view path, std::string_view body = "",
                       std::string_view more = "") {
  const std::string lines =
      body.empty()
          ? std::string()
          : fmt::format("Content-Type: application/json\r\nContent-Length: {}\r\n", body.size());
  return fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\n{}{}\r\n{}", method, path, lines, more,
                     body);
}
inline std::string post(std::string_view path, std::string_view body, std::string_view more = "") {
  return fmt::format(
      "POST {} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
      "{}\r\n{}\r\n{}",
      path, body.size(), more, body);
}

}  // namespace dramatis::server::testing
