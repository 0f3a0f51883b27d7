// Many HTTP connections of one thread to one server of this machine: the load of `bench serve`.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace dramatis::app {

// What came over one connection. Indices count connections in the order of opening.
class LoadListener {
 public:
  LoadListener() = default;
  LoadListener(const LoadListener&) = delete;
  LoadListener& operator=(const LoadListener&) = delete;
  virtual ~LoadListener() = default;
  // A part of a body, without the framing; of a stream, what has come by now.
  virtual void heard(std::size_t peer, std::string_view bytes) = 0;
  // The end of an answer. The connection takes the next request.
  virtual void ended(std::size_t peer, int status) = 0;
  // The server closed it, or it broke.
  virtual void closed(std::size_t peer) = 0;
};

// Reads of answers what a load needs: status, length or chunks. One thread at a time.
class LoadClient {
 public:
  // Errors: kUnavailable where the machine gives no more descriptors.
  [[nodiscard]] static Result<LoadClient> make(std::uint16_t port);
  LoadClient(LoadClient&& other) noexcept;
  LoadClient& operator=(LoadClient&&) = delete;
  ~LoadClient();

  // Connects, and answers the index. kUnavailable where the server takes no more. With
  // Window::kSmall the kernel here takes a few KiB of what comes and no more.
  enum class Window { kUsual, kSmall };
  [[nodiscard]] Result<std::size_t> open(Window window = Window::kUsual);
  // The same for a connection that was closed.
  [[nodiscard]] Status reopen(std::size_t peer);
  // Sends a whole request over a connection that waits for none.
  void ask(std::size_t peer, std::string request);
  // Takes nothing more from it: what comes stays with the kernel and the server.
  void stop_reading(std::size_t peer);
  // Whether something has come that was not read, within `patience`.
  [[nodiscard]] bool has_unread(std::size_t peer, std::chrono::milliseconds patience) const;
  // Hands on what comes until `until`, or until `listener` wants no more.
  void listen(SteadyTime until, LoadListener& listener, const std::function<bool()>& done);

  [[nodiscard]] std::size_t size() const { return peers_.size(); }

 private:
  enum class Body { kNone, kLength, kChunks };
  // One connection, and how far its answer has come.
  struct Peer {
    int socket = -1;
    std::string unsent{};
    std::string unread{};  // bytes of a head or of a chunk's size that is not whole yet
    bool in_head = true;
    int status = 0;
    Body body = Body::kNone;
    std::size_t left = 0;  // bytes of the body or the chunk
    bool last_chunk = false;
    bool writes = false;  // the poller is to tell when more can be sent
  };

  explicit LoadClient(std::uint16_t port, int poller) : port_(port), poller_(poller) {}
  [[nodiscard]] Result<int> connect(Window window) const;
  void watch(std::size_t peer, int operation, bool writes);
  void flush(std::size_t peer);
  void read(std::size_t peer, LoadListener& listener);
  void take(std::size_t peer, LoadListener& listener);
  bool take_head(Peer& peer);
  bool take_body(std::size_t index, LoadListener& listener);
  bool take_chunk_size(Peer& peer);
  void drop(std::size_t peer, LoadListener& listener);

  std::uint16_t port_;
  int poller_;
  std::vector<Peer> peers_;
};

// A request with a JSON body.
[[nodiscard]] std::string post_json(std::string_view path, std::string_view body,
                                    std::string_view more_headers = {});

}  // namespace dramatis::app
