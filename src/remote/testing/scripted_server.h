// A service on 127.0.0.1 that answers as a test tells it to: in pieces, slowly, half, or with
// nonsense.
#pragma once

#include <csignal>
#include <functional>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "remote/testing/certificate.h"

namespace dramatis::remote::testing {

struct Step {
  enum class Kind {
    kSend,   // the bytes at once
    kDrip,   // one byte every 5 ms
    kHold,   // until the client hangs up
    kPause,  // 5 ms, or until the client hangs up
    kReset,  // RST
  };
  Kind kind = Kind::kSend;
  std::string bytes{};
};
using Answer = std::vector<Step>;  // then the connection is closed

inline Step send(std::string bytes) {
  return {.kind = Step::Kind::kSend, .bytes = std::move(bytes)};
}
inline Step drip(std::string bytes) {
  return {.kind = Step::Kind::kDrip, .bytes = std::move(bytes)};
}
inline Step hold() {
  return {.kind = Step::Kind::kHold};
}
inline Step brief_pause() {
  return {.kind = Step::Kind::kPause};
}
inline Step reset() {
  return {.kind = Step::Kind::kReset};
}

inline std::string stream_head() {
  return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";
}
inline std::string event(const std::string& data) {
  return "data: " + data + "\n\n";
}
inline std::string words(const std::string& json_text) {
  return event(R"({"choices":[{"index":0,"delta":{"content":")" + json_text +
               R"("},"finish_reason":null}]})");
}
inline std::string finish(const std::string& why = "stop") {
  return event(R"({"choices":[{"index":0,"delta":{},"finish_reason":")" + why + R"("}]})");
}
inline std::string done() {
  return event("[DONE]");
}
inline std::string answer(int status, const std::string& type, const std::string& body,
                          const std::string& more_headers = "") {
  return "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Type: " + type + "\r\n" +
         more_headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

// What the service saw of a request.
struct Seen {
  std::string head;
  std::string body;
};

class ScriptedServer {
 public:
  // `script` gets the number of the request, from 0, and the request; it must be thread-safe.
  using Script = std::function<Answer(std::size_t, const Seen&)>;

  explicit ScriptedServer(Script script, const Certificate* certificate = nullptr, int threads = 2)
      : script_(std::move(script)) {
    std::signal(SIGPIPE, SIG_IGN);
    if (certificate != nullptr) open_tls(*certificate);
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::listen(listener_, 64) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      throw std::runtime_error("no socket for the scripted server");
    }
    port_ = ntohs(address.sin_port);
    for (int n = 0; n < threads; ++n) threads_.emplace_back([this] { serve(); });
  }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  ~ScriptedServer() {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
      for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
    }
    ::shutdown(listener_, SHUT_RDWR);
    threads_.clear();
    ::close(listener_);
    SSL_CTX_free(tls_);
  }

  [[nodiscard]] std::string root() const {
    return (tls_ == nullptr ? "http://127.0.0.1:" : "https://127.0.0.1:") + std::to_string(port_);
  }
  [[nodiscard]] std::string url() const { return root() + "/v1"; }
  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] std::vector<Seen> seen() const {
    const std::lock_guard lock(mutex_);
    return seen_;
  }

 private:
  void open_tls(const Certificate& certificate) {
    tls_ = SSL_CTX_new(TLS_server_method());
    BIO* text = BIO_new_mem_buf(certificate.pem.data(), static_cast<int>(certificate.pem.size()));
    X509* parsed = PEM_read_bio_X509(text, nullptr, nullptr, nullptr);
    SSL_CTX_use_certificate(tls_, parsed);
    X509_free(parsed);
    BIO_free(text);
    text =
        BIO_new_mem_buf(certificate.key_pem.data(), static_cast<int>(certificate.key_pem.size()));
    EVP_PKEY* key = PEM_read_bio_PrivateKey(text, nullptr, nullptr, nullptr);
    SSL_CTX_use_PrivateKey(tls_, key);
    EVP_PKEY_free(key);
    BIO_free(text);
  }

  void serve() {
    for (;;) {
      const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) return;
      {
        const std::lock_guard lock(mutex_);
        if (ending_) ::shutdown(fd, SHUT_RDWR);
        open_.insert(fd);
      }
      SSL* ssl = nullptr;
      if (tls_ != nullptr) {
        ssl = SSL_new(tls_);
        SSL_set_fd(ssl, fd);
      }
      if (ssl == nullptr || SSL_accept(ssl) == 1) converse(fd, ssl);
      SSL_free(ssl);
      const std::lock_guard lock(mutex_);
      open_.erase(fd);
      ::close(fd);
    }
  }

  void converse(int fd, SSL* ssl) {
    Seen request;
    std::string bytes;
    std::size_t end = bytes.npos;
    while (end == bytes.npos) {
      if (!receive(fd, ssl, bytes)) return;
      end = bytes.find("\r\n\r\n");
    }
    request.head = bytes.substr(0, end + 4);
    request.body = bytes.substr(end + 4);
    const std::size_t length = request.head.find("Content-Length: ");
    const std::size_t size =
        length == bytes.npos ? 0 : std::stoul(request.head.substr(length + 16));
    while (request.body.size() < size) {
      if (!receive(fd, ssl, request.body)) return;
    }
    std::size_t number = 0;
    {
      const std::lock_guard lock(mutex_);
      number = seen_.size();
      seen_.push_back(request);
    }
    for (const Step& step : script_(number, request)) {
      if (!perform(step, fd, ssl)) return;
    }
    if (ssl != nullptr) SSL_shutdown(ssl);
  }

  static bool receive(int fd, SSL* ssl, std::string& into) {
    char buffer[4096];
    const long got = ssl == nullptr ? ::recv(fd, buffer, sizeof(buffer), 0)
                                    : SSL_read(ssl, buffer, sizeof(buffer));
    if (got <= 0) return false;
    into.append(buffer, static_cast<std::size_t>(got));
    return true;
  }

  static bool transmit(int fd, SSL* ssl, std::string_view bytes) {
    while (!bytes.empty()) {
      const long sent = ssl == nullptr
                            ? ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL)
                            : SSL_write(ssl, bytes.data(), static_cast<int>(bytes.size()));
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  // False where the client hung up within `milliseconds`.
  static bool wait(int fd, int milliseconds) {
    pollfd watched{.fd = fd, .events = POLLIN | POLLRDHUP, .revents = 0};
    return ::poll(&watched, 1, milliseconds) == 0;
  }

  static bool perform(const Step& step, int fd, SSL* ssl) {
    switch (step.kind) {
      case Step::Kind::kSend:
        return transmit(fd, ssl, step.bytes);
      case Step::Kind::kPause:
        return wait(fd, 5);
      case Step::Kind::kHold:
        wait(fd, -1);
        return false;
      case Step::Kind::kDrip:
        for (const char c : step.bytes) {
          if (!transmit(fd, ssl, {&c, 1}) || !wait(fd, 5)) return false;
        }
        return true;
      case Step::Kind::kReset: {
        const linger now{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
        return false;
      }
    }
    return false;
  }

  Script script_;
  SSL_CTX* tls_ = nullptr;
  int listener_ = -1;
  int port_ = 0;
  mutable std::mutex mutex_;
  bool ending_ = false;
  std::set<int> open_;
  std::vector<Seen> seen_;
  std::vector<std::jthread> threads_;
};

}  // namespace dramatis::remote::testing
