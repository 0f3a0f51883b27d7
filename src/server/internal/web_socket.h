// A TCP connection that became a WebSocket: messages for a peer, and the peer's back. Beast's own
// part is in web_socket.cpp alone.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "server/http.h"
#include "server/http_server.h"
#include "server/socket_peer.h"

namespace dramatis::server {

// Runs on its socket's strand, but for send(), close() and give(). Owned by its connection, which
// waits for converse(), and by its peer, which may hold it longer and speak into the void.
class WebSocket : public SocketLink {
 public:
  // What a socket needs of the server; outlives converse().
  struct House {
    Patience patience{};
    std::string headers{};  // lines for the answer to the upgrade
    std::function<Taken(std::function<void()>)> give{};
  };

  [[nodiscard]] static std::shared_ptr<WebSocket> make(boost::asio::ip::tcp::socket socket,
                                                       House house);

  // Answers the upgrade, which was judged, and returns when the socket is closed.
  virtual boost::asio::awaitable<void> converse(const Request& request, MakePeer make_peer) = 0;
  // The socket is closed at once, from any thread.
  virtual void abandon() = 0;
};

}  // namespace dramatis::server
