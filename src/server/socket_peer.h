// The two ends of a WebSocket without the socket: who hears its messages, and where answers go.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "server/http.h"
#include "server/workers.h"

namespace dramatis::server {

// Why a socket is closed. Source: RFC 6455, 7.4.1.
enum class CloseCode : std::uint16_t {
  kGoingAway = 1001,  // the service ends
  kPolicy = 1008,     // what was sent is not allowed
  kTooLarge = 1009,   // a message past the limit
  kTryAgain = 1013    // too much to do
};

// Where a peer's answers go. Thread-safe. Nothing is sent after close().
class SocketLink {
 public:
  SocketLink() = default;
  SocketLink(const SocketLink&) = delete;
  SocketLink& operator=(const SocketLink&) = delete;
  virtual ~SocketLink() = default;

  // A text message. Never blocks. kGone: the reader left, or does not keep up.
  virtual Reader send(std::string text) = 0;
  virtual void close(CloseCode code, std::string_view reason) = 0;
  // Runs `job` on a worker, in the lane of this caller.
  [[nodiscard]] virtual Taken give(std::function<void()> job) = 0;
};

enum class Stay { kYes, kNo };

// Who hears a socket's messages. Called by one thread at a time, which must not be kept waiting.
class SocketPeer {
 public:
  SocketPeer() = default;
  SocketPeer(const SocketPeer&) = delete;
  SocketPeer& operator=(const SocketPeer&) = delete;
  virtual ~SocketPeer() = default;

  // A whole text message in valid UTF-8.
  virtual void hear(std::string_view text) = 0;
  // Nobody is there any more.
  virtual void leave() = 0;
  // Asked about once a second. kNo: the key was revoked; the socket is closed.
  [[nodiscard]] virtual Stay may_stay() = 0;
};

// The link lives as long as anybody holds it; the socket holds the peer until leave() was said.
using MakePeer = std::function<std::shared_ptr<SocketPeer>(std::shared_ptr<SocketLink>)>;

}  // namespace dramatis::server
