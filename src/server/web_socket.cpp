// Beast's WebSocket lives here alone: one coroutine reads, one writes, one looks every second
// whether all is in order.
#include "server/internal/web_socket.h"

#include <array>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "server/internal/received.h"
#include "server/limits.h"
#include "server/socket_upgrade.h"

namespace dramatis::server {
namespace {

namespace net = boost::asio;
namespace http = boost::beast::http;
namespace ws = boost::beast::websocket;
using boost::system::error_code;
using net::ip::tcp;
constexpr auto kTuple = net::as_tuple(net::use_awaitable);

http::request<http::empty_body> upgrade_of(const Request& request) {
  http::request<http::empty_body> upgrade(http::verb::get, request.path, 11);
  upgrade.set(http::field::host, std::string(request.header("host")));
  upgrade.set(http::field::upgrade, "websocket");
  upgrade.set(http::field::connection, "upgrade");
  upgrade.set(http::field::sec_websocket_key, std::string(request.header("sec-websocket-key")));
  upgrade.set(http::field::sec_websocket_version, "13");
  return upgrade;
}

class BeastSocket final : public WebSocket, public std::enable_shared_from_this<BeastSocket> {
 public:
  BeastSocket(tcp::socket socket, House house)
      : house_(std::move(house)),
        ws_(std::move(socket)),
        wake_(ws_.get_executor()),
        stall_(ws_.get_executor()),
        tick_(ws_.get_executor()) {}

  net::awaitable<void> converse(const Request& request, MakePeer make_peer) override;
  Reader send(std::string text) override;
  void close(CloseCode code, std::string_view reason) override;
  [[nodiscard]] Taken give(std::function<void()> job) override {
    return house_.give(std::move(job));
  }
  void abandon() override;

 private:
  void set_up(const Request& request);
  net::awaitable<void> read_all();
  net::awaitable<bool> read_message(boost::beast::flat_buffer& buffer);
  net::awaitable<void> write_all();
  net::awaitable<void> look_after();
  net::awaitable<void> say_goodbye(ws::close_reason why);
  void count_control();
  void end();
  [[nodiscard]] std::string next_message();

  House house_;
  ws::stream<tcp::socket> ws_;
  net::steady_timer wake_;   // rings when something waits to be sent
  net::steady_timer stall_;  // of the write under way
  net::steady_timer tick_;
  std::shared_ptr<SocketPeer> peer_;
  int controls_ = 0;               // pings and pongs since the last tick
  std::uint64_t heard_bytes_ = 0;  // received when the last message was whole
  int ticks_in_message_ = 0;
  bool in_message_ = false;
  bool open_ = false;  // the handshake is through
  bool ended_ = false;
  std::optional<ws::close_reason> goodbye_;  // asked for before it was
  std::mutex mutex_;
  std::deque<std::string> queue_;  // guarded by mutex_
  std::size_t queued_ = 0;         // likewise; bytes, with what is being written
  bool closed_ = false;            // likewise
};

void BeastSocket::set_up(const Request& request) {
  ws_.set_option(ws::stream_base::timeout{.handshake_timeout = house_.patience.socket_close,
                                          .idle_timeout = house_.patience.idle,
                                          .keep_alive_pings = true});
  const std::string protocol = asks_for_protocol(request) ? std::string(kSocketProtocol) : "";
  ws_.set_option(
      ws::stream_base::decorator([protocol, lines = house_.headers](ws::response_type& response) {
        if (!protocol.empty()) response.set(http::field::sec_websocket_protocol, protocol);
        for (std::size_t at = 0; at < lines.size();) {
          const std::size_t end = lines.find("\r\n", at);
          const std::size_t colon = lines.find(": ", at);
          response.set(lines.substr(at, colon - at), lines.substr(colon + 2, end - colon - 2));
          at = end + 2;
        }
      }));
  ws_.read_message_max(kMaxSocketMessageBytes);
  ws_.auto_fragment(false);
  ws_.control_callback([this](ws::frame_type kind, boost::beast::string_view) {
    if (kind != ws::frame_type::close) count_control();
  });
}

net::awaitable<void> BeastSocket::converse(const Request& request, MakePeer make_peer) {
  const auto self = shared_from_this();
  set_up(request);
  auto [ec] = co_await ws_.async_accept(upgrade_of(request), kTuple);
  if (ec) co_return end();
  open_ = true;
  if (goodbye_) co_return co_await say_goodbye(*goodbye_);
  ws_.text(true);
  peer_ = make_peer(self);
  // Each keeps the socket until it has ended, which end() makes all of them do.
  net::co_spawn(
      ws_.get_executor(), [self]() -> net::awaitable<void> { co_await self->write_all(); },
      net::detached);
  net::co_spawn(
      ws_.get_executor(), [self]() -> net::awaitable<void> { co_await self->look_after(); },
      net::detached);
  co_await read_all();
  end();
}

net::awaitable<bool> BeastSocket::read_message(boost::beast::flat_buffer& buffer) {
  for (;;) {
    auto [ec, count] = co_await ws_.async_read_some(buffer, kMaxSocketMessageBytes, kTuple);
    if (ec) co_return false;
    if (ws_.is_message_done()) break;
    in_message_ = true;
  }
  in_message_ = false;
  ticks_in_message_ = 0;
  heard_bytes_ = bytes_received(ws_.next_layer().native_handle());
  co_return true;
}

net::awaitable<void> BeastSocket::read_all() {
  boost::beast::flat_buffer buffer(kMaxSocketMessageBytes);
  for (;;) {
    const bool whole = co_await read_message(buffer);
    if (!whole) co_return;
    if (!ws_.got_text()) {
      close(CloseCode::kPolicy, "Messages are text.");
    } else if (peer_) {
      const auto bytes = buffer.cdata();
      peer_->hear({static_cast<const char*>(bytes.data()), bytes.size()});
    }
    buffer.consume(buffer.size());
    if (buffer.capacity() > kReadBytes) buffer.shrink_to_fit();
  }
}

std::string BeastSocket::next_message() {
  const std::lock_guard lock(mutex_);
  if (queue_.empty()) return {};
  std::string next = std::move(queue_.front());
  queue_.pop_front();
  return next;
}

net::awaitable<void> BeastSocket::write_all() {
  const auto self = shared_from_this();
  while (!ended_) {
    const std::string next = next_message();
    if (next.empty()) {
      wake_.expires_at(net::steady_timer::time_point::max());
      auto [rung] = co_await wake_.async_wait(kTuple);
      static_cast<void>(rung);  // cancelled: something waits, or all is over
      continue;
    }
    stall_.expires_after(house_.patience.stall);
    stall_.async_wait([self](error_code late) {
      if (!late && self->stall_.expiry() <= std::chrono::steady_clock::now()) self->end();
    });
    auto [ec, count] = co_await ws_.async_write(net::buffer(next), kTuple);
    stall_.cancel();
    stall_.expires_at(net::steady_timer::time_point::max());
    if (ec) co_return end();
    const std::lock_guard lock(mutex_);
    queued_ -= next.size();
  }
}

// Once a second: pings that flood, messages that drip, fragments that hold nothing, a key revoked.
net::awaitable<void> BeastSocket::look_after() {
  const auto self = shared_from_this();
  while (!ended_) {
    tick_.expires_after(house_.patience.socket_tick);
    auto [ec] = co_await tick_.async_wait(kTuple);
    if (ended_ || ec) co_return;
    const std::uint64_t heard = bytes_received(ws_.next_layer().native_handle());
    const bool drips =
        in_message_ && ++ticks_in_message_ * house_.patience.socket_tick > house_.patience.body;
    const bool floods = heard - heard_bytes_ > kMaxSocketUnheardBytes;
    // What only pings keeps within its own limit, and starts anew.
    if (!in_message_ && controls_ > 0 && !floods) heard_bytes_ = heard;
    controls_ = 0;
    if (drips || floods) close(CloseCode::kPolicy, "The message does not come to its end.");
    if (peer_ && peer_->may_stay() == Stay::kNo) close(CloseCode::kPolicy, "The key was revoked.");
  }
}

void BeastSocket::count_control() {
  if (++controls_ > kMaxSocketControls) close(CloseCode::kPolicy, "Too many pings.");
}

Reader BeastSocket::send(std::string text) {
  bool fits = true;
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return Reader::kGone;
    fits = queued_ <= kMaxBeforeAnyPiece || queued_ + text.size() <= kMaxQueuedBytes;
    if (fits) {
      queued_ += text.size();
      queue_.push_back(std::move(text));
    }
  }
  if (!fits) {
    abandon();
    return Reader::kGone;
  }
  net::post(ws_.get_executor(), [self = shared_from_this()] { self->wake_.cancel(); });
  return Reader::kThere;
}

void BeastSocket::close(CloseCode code, std::string_view reason) {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(closed_, true)) return;
  }
  // Posted: this may be called from within a read.
  const ws::close_reason why(static_cast<ws::close_code>(code), reason);
  net::post(ws_.get_executor(), [self = shared_from_this(), why] {
    self->goodbye_ = why;
    if (!self->open_) return;  // converse() says it
    net::co_spawn(self->ws_.get_executor(), self->say_goodbye(why), net::detached);
  });
}

net::awaitable<void> BeastSocket::say_goodbye(ws::close_reason why) {
  const auto self = shared_from_this();
  // A peer that does not answer is not waited for.
  net::steady_timer limit(ws_.get_executor());
  limit.expires_after(house_.patience.socket_close);
  limit.async_wait([self](error_code early) {
    if (!early) self->end();
  });
  auto [ec] = co_await ws_.async_close(why, kTuple);
  static_cast<void>(ec);  // told or not, it is over
  end();
}

void BeastSocket::end() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    queue_.clear();
  }
  if (std::exchange(ended_, true)) return;
  error_code ignored;  // a socket that cannot be closed is closed by its destructor
  ws_.next_layer().close(ignored);
  wake_.cancel();
  stall_.cancel();
  tick_.cancel();
  if (peer_) std::exchange(peer_, nullptr)->leave();
}

void BeastSocket::abandon() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  net::post(ws_.get_executor(), [self = shared_from_this()] { self->end(); });
}

}  // namespace

std::shared_ptr<WebSocket> WebSocket::make(tcp::socket socket, House house) {
  return std::make_shared<BeastSocket>(std::move(socket), std::move(house));
}

}  // namespace dramatis::server
