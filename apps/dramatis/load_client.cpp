// epoll, and as much of HTTP/1.1 as our own server's answers have.
#include "load_client.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace dramatis::app {
namespace {

// Read at once: most answers of a load are shorter.
constexpr std::size_t kReadBytes = 16 * 1024;
// Events of one call: enough that the kernel is seldom asked.
constexpr std::size_t kEvents = 256;
// SO_RCVBUF of a reader that stalls: one of a small machine, or of an attack.
constexpr int kSmallWindow = 4096;

// The number behind `name` in a head in any letter case; -1: there is none.
long number_after(std::string_view head, std::string_view name) {
  const auto found =
      std::search(head.begin(), head.end(), name.begin(), name.end(),
                  [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
  if (found == head.end()) return -1;
  const char* first = &*found + name.size();
  const char* end = head.data() + head.size();
  while (first < end && *first == ' ') ++first;
  long number = -1;
  std::from_chars(first, end, number);
  return number;
}

}  // namespace

Result<LoadClient> LoadClient::make(std::uint16_t port) {
  const int poller = ::epoll_create1(EPOLL_CLOEXEC);
  if (poller < 0)
    return fail(ErrorCode::kUnavailable, fmt::format("No poller: {}.", std::strerror(errno)));
  return LoadClient(port, poller);
}

LoadClient::LoadClient(LoadClient&& other) noexcept
    : port_(other.port_),
      poller_(std::exchange(other.poller_, -1)),
      peers_(std::move(other.peers_)) {
  other.peers_.clear();
}

LoadClient::~LoadClient() {
  for (const auto& peer : peers_) {
    if (peer.socket >= 0) ::close(peer.socket);
  }
  if (poller_ >= 0) ::close(poller_);
}

Result<int> LoadClient::connect(Window window) const {
  const auto failed = [](const char* what) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("A connection could not be {}: {}.", what, std::strerror(errno)));
  };
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return failed("made");
  const int small = kSmallWindow;
  if (window == Window::kSmall) ::setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port_);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  // Waits: a server's queue of new connections is shorter than a crowd.
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(socket);
    return failed("opened");
  }
  const int yes = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  return socket;
}

Result<std::size_t> LoadClient::open(Window window) {
  DRAMATIS_TRY(const int socket, connect(window));
  peers_.push_back({.socket = socket});
  watch(peers_.size() - 1, EPOLL_CTL_ADD, false);
  return peers_.size() - 1;
}

Status LoadClient::reopen(std::size_t peer) {
  DRAMATIS_TRY(const int socket, connect(Window::kUsual));
  peers_[peer] = {.socket = socket};
  watch(peer, EPOLL_CTL_ADD, false);
  return {};
}

void LoadClient::watch(std::size_t peer, int operation, bool writes) {
  epoll_event event{};
  event.events = writes ? EPOLLIN | EPOLLOUT : EPOLLIN;
  event.data.u64 = peer;
  ::epoll_ctl(poller_, operation, peers_[peer].socket, &event);
}

void LoadClient::ask(std::size_t peer, std::string request) {
  peers_[peer].unsent = std::move(request);
  flush(peer);
}

void LoadClient::stop_reading(std::size_t peer) {
  ::epoll_ctl(poller_, EPOLL_CTL_DEL, peers_[peer].socket, nullptr);
}

bool LoadClient::has_unread(std::size_t peer, std::chrono::milliseconds patience) const {
  pollfd watched{.fd = peers_[peer].socket, .events = POLLIN, .revents = 0};
  return ::poll(&watched, 1, static_cast<int>(patience.count())) == 1 &&
         (watched.revents & POLLIN) != 0;
}

void LoadClient::flush(std::size_t index) {
  Peer& peer = peers_[index];
  const ssize_t sent =
      ::send(peer.socket, peer.unsent.data(), peer.unsent.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent > 0) peer.unsent.erase(0, static_cast<std::size_t>(sent));
  const bool writes = !peer.unsent.empty();
  if (std::exchange(peer.writes, writes) != writes) watch(index, EPOLL_CTL_MOD, writes);
}

void LoadClient::listen(SteadyTime until, LoadListener& listener,
                        const std::function<bool()>& done) {
  const SystemClock clock;
  std::array<epoll_event, kEvents> events{};
  while (!done()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock.steady());
    if (left.count() <= 0) return;
    const int count = ::epoll_wait(poller_, events.data(), kEvents, static_cast<int>(left.count()));
    for (int n = 0; n < count; ++n) {
      const auto peer = static_cast<std::size_t>(events[static_cast<std::size_t>(n)].data.u64);
      const auto what = events[static_cast<std::size_t>(n)].events;
      if (peers_[peer].socket < 0) continue;
      if ((what & EPOLLOUT) != 0) flush(peer);
      if ((what & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) read(peer, listener);
    }
  }
}

void LoadClient::read(std::size_t index, LoadListener& listener) {
  std::array<char, kReadBytes> bytes;  // the next line writes what is read of it
  const ssize_t got = ::recv(peers_[index].socket, bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) return drop(index, listener);
  peers_[index].unread.append(bytes.data(), static_cast<std::size_t>(got));
  take(index, listener);
}

void LoadClient::drop(std::size_t index, LoadListener& listener) {
  ::close(std::exchange(peers_[index].socket, -1));
  listener.closed(index);
}

void LoadClient::take(std::size_t index, LoadListener& listener) {
  // A listener may open more connections, which moves the peers: looked up anew each time.
  for (;;) {
    Peer& peer = peers_[index];
    if (peer.in_head) {
      if (!take_head(peer)) return;
    } else if (!take_body(index, listener)) {
      return;
    }
  }
}

bool LoadClient::take_head(Peer& peer) {
  const std::size_t end = peer.unread.find("\r\n\r\n");
  if (end == std::string::npos) return false;
  const std::string head = peer.unread.substr(0, end + 4);
  peer.unread.erase(0, end + 4);
  peer.status = static_cast<int>(number_after(head, "http/1.1"));
  const long length = number_after(head, "content-length:");
  peer.body = length >= 0 ? Body::kLength : Body::kChunks;
  if (peer.status == 204) peer.body = Body::kNone;
  peer.left = length >= 0 ? static_cast<std::size_t>(length) : 0;
  peer.last_chunk = false;
  peer.in_head = false;
  return true;
}

bool LoadClient::take_chunk_size(Peer& peer) {
  const std::size_t end = peer.unread.find("\r\n");
  if (end == std::string::npos) return false;
  std::size_t size = 0;
  std::from_chars(peer.unread.data(), peer.unread.data() + end, size, 16);
  peer.unread.erase(0, end + 2);
  peer.last_chunk = size == 0;
  peer.left = size + 2;  // and the line break behind it
  return true;
}

bool LoadClient::take_body(std::size_t index, LoadListener& listener) {
  Peer& peer = peers_[index];
  if (peer.body == Body::kChunks && peer.left == 0 && !peer.last_chunk)
    return take_chunk_size(peer);
  const std::size_t size = std::min(peer.left, peer.unread.size());
  if (size < peer.left && (size == 0 || peer.body == Body::kChunks)) return false;
  const std::string part = peer.unread.substr(0, size);
  peer.unread.erase(0, size);
  peer.left -= size;
  if (!part.empty() && !peer.last_chunk) {
    listener.heard(index, part);
  }
  Peer& now = peers_[index];
  if (now.left > 0 || (now.body == Body::kChunks && !now.last_chunk)) return true;
  now.in_head = true;
  listener.ended(index, now.status);
  return peers_[index].socket >= 0;
}

std::string post_json(std::string_view path, std::string_view body, std::string_view more_headers) {
  return fmt::format(
      "POST {} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Content-Length: {}\r\n{}\r\n{}",
      path, body.size(), more_headers, body);
}

}  // namespace dramatis::app
