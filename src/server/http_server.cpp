// Asio lives here alone: an accept loop, and for each connection one coroutine on a strand of its
// own.
#include "server/http_server.h"

#include <array>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "server/internal/web_socket.h"
#include "server/print.h"
#include "server/problem.h"
#include "server/request_reader.h"
#include "server/workers.h"

namespace dramatis::server {
namespace {

namespace net = boost::asio;
using boost::system::error_code;
using net::ip::tcp;
// How soon a time limit that met no operation is tried again: no step is shorter.
constexpr std::chrono::milliseconds kRingAgain{20};
constexpr auto kTuple = net::as_tuple(net::use_awaitable);

class Connection;

// What all connections share; outlives them.
struct Hall {
  Hall(const HttpOptions& options_, Service service_, const Clock& clock_)
      : options(options_),
        service(std::move(service_)),
        clock(clock_),
        workers(service.workers ? service.workers
                                : std::make_shared<Workers>(options.workers, options.max_waiting)) {
    guests.reserve(options.max_connections + 1);
  }

  const HttpOptions options;
  const Service service;
  const Clock& clock;
  std::mutex mutex;
  std::condition_variable left;
  std::vector<std::weak_ptr<Connection>> guests;  // guarded by mutex; as many as are open
  std::size_t open = 0;                           // likewise
  bool ending = false;                            // likewise
  std::atomic<std::size_t> leaving{0};            // bytes of long answers on their way
  std::atomic<std::size_t> arriving{0};           // bytes of long bodies, until they are answered
  // The service's as well, where it brought them; finished by stop().
  const std::shared_ptr<Workers> workers;
};

// A long answer's part of what may be on its way at once; a short one has none, and needs none.
class Leaving {
 public:
  Leaving(Hall& hall, std::size_t bytes)
      : hall_(hall), bytes_(bytes > kMaxQueuedBytes ? bytes : 0) {
    fits_ = hall_.leaving.fetch_add(bytes_) + bytes_ <= hall_.options.max_leaving || bytes_ == 0;
  }
  Leaving(const Leaving&) = delete;
  Leaving& operator=(const Leaving&) = delete;
  ~Leaving() { hall_.leaving.fetch_sub(bytes_); }
  [[nodiscard]] bool fits() const { return fits_; }

 private:
  Hall& hall_;
  const std::size_t bytes_;
  bool fits_ = true;
};

// A long body's part of what may arrive at once, until its request is answered.
class Arriving {
 public:
  Arriving(Hall& hall, std::size_t bytes)
      : hall_(hall),
        bytes_(bytes),
        fits_(hall.arriving.fetch_add(bytes) + bytes <= hall.options.max_arriving) {}
  Arriving(const Arriving&) = delete;
  Arriving& operator=(const Arriving&) = delete;
  ~Arriving() { hall_.arriving.fetch_sub(bytes_); }
  [[nodiscard]] bool fits() const { return fits_; }

 private:
  Hall& hall_;
  const std::size_t bytes_;
  const bool fits_;
};

enum class Next { kAnswer, kAgain, kEnd };

// A connection; all but ask_to_end() and abandon() runs on its strand. Owned by its coroutine, by
// the timers and jobs that it waits for; the last of them closes the socket.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(tcp::socket socket, std::size_t door, Hall& hall)
      : hall_(hall),
        door_(door),
        socket_(std::move(socket)),
        deadline_(socket_.get_executor()),
        wake_(socket_.get_executor()) {}
  ~Connection() {
    const std::lock_guard lock(hall_.mutex);
    --hall_.open;
    std::erase_if(hall_.guests, [](const auto& guest) { return guest.expired(); });
    hall_.left.notify_all();
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  net::awaitable<void> converse();
  // After converse(), however it ended.
  void leave() {
    disarm();
    deadline_.cancel();
    close();
  }
  // Not the socket's: that one may have moved on.
  net::any_io_executor executor() { return deadline_.get_executor(); }
  // The current answer is the last.
  void ask_to_end();
  // Not even that one is awaited.
  void abandon();

 private:
  using Moment = net::steady_timer::time_point;

  net::awaitable<Next> take_request(RequestReader& reader, bool first);
  net::awaitable<Next> welcome(const RequestReader& reader);
  net::awaitable<bool> fill();
  net::awaitable<bool> write(std::string bytes);
  net::awaitable<void> respond(Response response, Wire wire);
  net::awaitable<bool> answer(Head head);
  net::awaitable<void> become_socket(const Request& request);
  net::awaitable<bool> deliver(std::shared_ptr<Job> job);
  net::awaitable<void> refuse(const Job& job, std::string_view why);
  net::awaitable<void> say_farewell();
  void watch(const std::shared_ptr<Job>& job);
  void arm(std::chrono::milliseconds limit);
  void ring(Moment at);
  void disarm() {
    due_ = Moment::max();
    time_up_ = false;
  }
  void close() {
    error_code ignored;  // a socket that cannot be closed is closed by its destructor
    socket_.close(ignored);
  }

  Hall& hall_;
  const std::size_t door_;
  tcp::socket socket_;
  net::steady_timer deadline_;  // rings at or before due_, and cancels the socket's operations then
  Moment due_ = Moment::max();  // the end of the current step
  Moment rings_at_ = Moment::max();
  std::uint64_t rings_ = 0;  // waits for deadline_ so far; the last one counts
  net::steady_timer wake_;   // rings when a job has something to send
  std::array<char, kReadBytes> chunk_;
  std::string pending_;  // read, and not yet part of a request
  std::shared_ptr<Job> job_;
  std::shared_ptr<WebSocket> socket_talk_;  // once it became one
  Verdict verdict_;                         // of the current request
  std::unique_ptr<Arriving> arriving_;      // of the same; null: its body is short
  bool time_up_ = false;
  bool ending_ = false;
};

void Connection::arm(std::chrono::milliseconds limit) {
  time_up_ = false;
  due_ = std::chrono::steady_clock::now() + limit;
  // A timer that rings too early looks again; to set it anew for each step costs more.
  if (due_ < rings_at_) ring(due_);
}

void Connection::ring(Moment at) {
  rings_at_ = at;
  deadline_.expires_at(at);
  deadline_.async_wait([self = shared_from_this(), nth = ++rings_](error_code ec) {
    // A timer set anew may already have queued its old ring.
    if (ec || nth != self->rings_) return;
    self->rings_at_ = Moment::max();
    if (self->due_ == Moment::max()) return;
    const auto now = std::chrono::steady_clock::now();
    if (now < self->due_) return self->ring(self->due_);
    self->time_up_ = true;
    error_code ignored;  // nothing to cancel is no failure
    self->socket_.cancel(ignored);
    // Between two operations nobody hears it: it rings until disarm().
    self->ring(now + kRingAgain);
  });
}

net::awaitable<bool> Connection::fill() {
  auto [ec, count] = co_await socket_.async_read_some(net::buffer(chunk_), kTuple);
  if (ec) co_return false;
  pending_.append(chunk_.data(), count);
  co_return true;
}

net::awaitable<bool> Connection::write(std::string bytes) {
  arm(hall_.options.patience.stall);
  auto [ec, count] = co_await net::async_write(socket_, net::buffer(bytes), kTuple);
  disarm();
  co_return !ec;
}

net::awaitable<void> Connection::respond(Response response, Wire wire) {
  wire.now = hall_.clock.now();
  const bool sent = co_await write(print_response(response, wire));
  if (!sent) close();
}

// The head is known: let it in, or answer at once.
net::awaitable<Next> Connection::welcome(const RequestReader& reader) {
  const Head& head = reader.head();
  verdict_ = hall_.service.gate(head.request);
  const std::size_t most = std::min(
      verdict_.most_body, std::max<std::size_t>(hall_.options.max_arriving, kMaxBodyBytes));
  if (!verdict_.answer && head.length > most) {
    verdict_.answer = http_problem(
        413, fmt::format("The body has {} bytes; at most {} are read here.", head.length, most));
  }
  if (!verdict_.answer && head.length > kMaxBodyBytes) {
    arriving_ = std::make_unique<Arriving>(hall_, head.length);
    if (!arriving_->fits()) {
      verdict_.answer = http_problem(503, "Other long files arrive just now; try again soon.");
      verdict_.answer->headers.emplace_back("Retry-After", "1");
    }
  }
  if (verdict_.answer) {
    // A body that nobody reads cannot be told from a next request.
    const bool closes = head.framing != Framing::kNone || head.after == After::kClose || ending_;
    co_await respond(*std::move(verdict_.answer),
                     {.version = head.version,
                      .after = closes ? After::kClose : After::kKeepAlive,
                      .method = head.request.method,
                      .headers = verdict_.headers});
    co_return closes ? Next::kEnd : Next::kAgain;
  }
  if (head.framing == Framing::kNone) co_return Next::kAnswer;
  if (head.expects_continue) {
    const bool sent = co_await write("HTTP/1.1 100 Continue\r\n\r\n");
    if (!sent) co_return Next::kEnd;
  }
  arm(hall_.options.patience.body);
  co_return Next::kAnswer;
}

net::awaitable<Next> Connection::take_request(RequestReader& reader, bool first) {
  using State = RequestReader::State;
  arm(first ? hall_.options.patience.header : hall_.options.patience.idle);
  bool welcomed = false;
  for (;;) {
    std::size_t taken = 0;
    if (!pending_.empty() && reader.state() != State::kDone) {
      if (reader.untouched() && !first) arm(hall_.options.patience.header);
      auto progress = reader.push(pending_);
      if (!progress) {
        disarm();
        co_await respond(http_problem(progress.error().status, progress.error().detail), {});
        co_return Next::kEnd;
      }
      taken = *progress;
      pending_.erase(0, taken);
    }
    if (reader.state() != State::kHead && !welcomed) {
      welcomed = true;
      const Next next = co_await welcome(reader);
      if (next != Next::kAnswer) co_return next;
    }
    if (reader.state() == State::kDone) break;
    if (taken > 0 && !pending_.empty()) continue;
    const bool more = co_await fill();
    if (more) continue;
    if (time_up_ && !reader.untouched()) {
      co_await respond(http_problem(408, "The request did not arrive in time."), {});
    }
    co_return Next::kEnd;
  }
  disarm();
  if (pending_.empty()) std::string().swap(pending_);
  co_return Next::kAnswer;
}

// Tells the job when the peer hangs up. Bytes of a next request end the watch: they wait their
// turn.
void Connection::watch(const std::shared_ptr<Job>& job) {
  socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this(), job](error_code ec) {
    if (ec || self->job_ != job) return;
    char next = 0;
    const auto count = ::recv(self->socket_.native_handle(), &next, 1, MSG_PEEK | MSG_DONTWAIT);
    if (count > 0) return;
    // The reactor may tell late of bytes that were read meanwhile.
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
      return self->watch(job);
    job->abandon();
    self->wake_.cancel();
  });
}

net::awaitable<void> Connection::refuse(const Job& job, std::string_view why) {
  Response busy = http_problem(503, why);
  busy.headers.emplace_back("Retry-After", "1");
  co_await respond(std::move(busy), {.version = job.head().version,
                                     .after = job.head().after,
                                     .method = job.method(),
                                     .headers = verdict_.headers});
}

net::awaitable<bool> Connection::deliver(std::shared_ptr<Job> job) {
  for (;;) {
    Job::Ready ready = job->take();
    const bool had_bytes = !ready.bytes.empty();
    const Leaving leaving(hall_, ready.whole ? ready.bytes.size() : 0);
    if (!leaving.fits()) {
      co_await refuse(*job, "Too many long answers are on their way; try again soon.");
      co_return true;
    }
    if (had_bytes) {
      const bool sent = co_await write(std::move(ready.bytes));
      if (!sent) job->abandon();
    }
    // A job that nobody listens to ends by itself; nothing it says is complete.
    if (job->stop().stop_requested()) co_return false;
    if (ready.ended) co_return true;
    if (had_bytes) continue;
    wake_.expires_after(hall_.options.patience.ping);
    auto [ec] = co_await wake_.async_wait(kTuple);
    if (ec || !ready.streams) continue;
    const bool sent = co_await write(job->ping());
    if (!sent) job->abandon();
  }
}

net::awaitable<bool> Connection::answer(Head head) {
  if (ending_) head.after = After::kClose;
  const bool keeps = head.after == After::kKeepAlive;
  const bool closes_streams = head.version == Version::kHttp10;
  auto wake = [weak = weak_from_this()] {
    if (const auto self = weak.lock()) {
      net::post(self->executor(), [self] { self->wake_.cancel(); });
    }
  };
  auto job = std::make_shared<Job>(std::move(head), verdict_.headers, hall_.clock, std::move(wake));
  const Taken taken = hall_.workers->give(
      verdict_.lane, [job, handler = std::move(verdict_.handler)] { job->work(handler); });
  if (taken == Taken::kNo) {
    co_await refuse(*job, "All workers are busy; try again soon.");
    co_return keeps;
  }
  job_ = job;
  watch(job);
  const bool whole = co_await deliver(job);
  job_ = nullptr;
  error_code ignored;  // the watch may have ended by itself
  socket_.cancel(ignored);
  if (!whole) close();
  co_return whole&& keeps && !closes_streams && !ending_;
}

// Returns when the socket is closed.
net::awaitable<void> Connection::become_socket(const Request& request) {
  if (!pending_.empty()) {
    const Response early = http_problem(400, "Nothing is sent before the upgrade was answered.");
    co_return co_await respond(early, {});
  }
  WebSocket::House house{.patience = hall_.options.patience,
                         .headers = verdict_.headers,
                         .give = [&hall = hall_, lane = verdict_.lane](std::function<void()> job) {
                           return hall.workers->give(lane, std::move(job));
                         }};
  disarm();
  socket_talk_ = WebSocket::make(std::move(socket_), std::move(house));
  co_await socket_talk_->converse(request, std::move(verdict_.socket));
}

// Lets the last answer arrive: closing a socket with unread bytes would reset it.
net::awaitable<void> Connection::say_farewell() {
  if (!socket_.is_open()) co_return;
  error_code ec;
  socket_.shutdown(tcp::socket::shutdown_send, ec);
  if (ec) co_return;
  arm(hall_.options.patience.farewell);
  for (std::size_t drained = 0; drained < kMaxDrainedBytes && !time_up_;
       drained += pending_.size()) {
    pending_.clear();
    const bool more = co_await fill();
    if (!more) break;
  }
  disarm();
}

net::awaitable<void> Connection::converse() {
  for (int n = 0; n < kMaxRequestsPerConnection; ++n) {
    RequestReader reader(door_);
    arriving_ = nullptr;
    const Next next = co_await take_request(reader, n == 0);
    if (next == Next::kEnd) break;
    if (next == Next::kAgain) continue;
    if (verdict_.socket) {
      co_await become_socket(reader.head().request);
      break;
    }
    const bool goes_on = co_await answer(reader.take_head());
    if (!goes_on) break;
  }
  co_await say_farewell();
}

void Connection::ask_to_end() {
  net::post(executor(), [self = shared_from_this()] {
    self->ending_ = true;
    if (self->socket_talk_) {
      self->socket_talk_->close(CloseCode::kGoingAway, "The service ends.");
    } else if (!self->job_) {
      self->close();
    }
  });
}

void Connection::abandon() {
  net::post(executor(), [self = shared_from_this()] {
    if (self->job_) self->job_->abandon();
    if (self->socket_talk_) self->socket_talk_->abandon();
    self->close();
    self->wake_.cancel();
  });
}

net::awaitable<void> hold(std::shared_ptr<Connection> connection) {
  try {
    co_await connection->converse();
  } catch (const std::exception&) {
    // Out of memory: this connection ends, the others go on.
  }
  connection->leave();
}

// A peer that is gone without a word (cable, NAT) is noticed within a minute.
void set_up(tcp::socket& socket) {
  error_code ignored;  // an option that cannot be set costs comfort alone
  socket.set_option(tcp::no_delay(true), ignored);
  socket.set_option(net::socket_base::keep_alive(true), ignored);
  const int milliseconds = 60'000;
  ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds,
               sizeof(milliseconds));
  ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kMaxUnsentBytes,
               sizeof(kMaxUnsentBytes));
}

void admit(tcp::socket socket, std::size_t door, Hall& hall) {
  set_up(socket);
  std::shared_ptr<Connection> connection;
  {
    // In one step, so that stop() sees every connection that it has to wait for.
    const std::lock_guard lock(hall.mutex);
    if (hall.ending || hall.open >= hall.options.max_connections) return;
    connection = std::make_shared<Connection>(std::move(socket), door, hall);
    ++hall.open;
    hall.guests.push_back(connection);  // there is room for all
  }
  net::co_spawn(connection->executor(), hold(connection), net::detached);
}

}  // namespace

struct HttpServer::Impl {
  Impl(const HttpOptions& options, Service service, const Clock& clock)
      : hall(options, std::move(service), clock) {}

  // A port of the host that connections come by.
  struct Door {
    tcp::acceptor acceptor;
    std::uint16_t port = 0;
  };

  Status listen(const HttpOptions& options);
  Status open_door(const HttpOptions& options, std::uint16_t port);
  net::awaitable<void> accept_all(std::size_t door);
  void stop();
  void tell_all(void (Connection::*what)());
  bool wait_until_empty(std::chrono::milliseconds limit);

  Hall hall;
  net::io_context io{static_cast<int>(kNetworkThreads)};
  net::executor_work_guard<net::io_context::executor_type> busy{io.get_executor()};
  std::vector<Door> doors;  // none is added once they are open
  std::vector<std::jthread> threads;
};

// All are open, or none takes anybody in.
Status HttpServer::Impl::listen(const HttpOptions& options) {
  DRAMATIS_DO(open_door(options, options.port));
  for (const std::uint16_t port : options.doors) DRAMATIS_DO(open_door(options, port));
  for (std::size_t n = 0; n < doors.size(); ++n)
    net::co_spawn(doors[n].acceptor.get_executor(), accept_all(n), net::detached);
  for (std::size_t n = 0; n < kNetworkThreads; ++n) {
    threads.emplace_back([this] { io.run(); });
  }
  return {};
}

Status HttpServer::Impl::open_door(const HttpOptions& options, std::uint16_t port) {
  error_code ec;
  const auto address =
      net::ip::make_address(options.host == "localhost" ? "127.0.0.1" : options.host, ec);
  if (ec) {
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("The host '{}' is no address of a network card; try 127.0.0.1.", options.host));
  }
  const tcp::endpoint endpoint(address, port);
  Door door{.acceptor = tcp::acceptor(net::any_io_executor(net::make_strand(io)))};
  tcp::acceptor& acceptor = door.acceptor;
  acceptor.open(endpoint.protocol(), ec);
  if (!ec) acceptor.set_option(net::socket_base::reuse_address(true), ec);
  if (!ec) acceptor.bind(endpoint, ec);
  if (!ec) acceptor.listen(net::socket_base::max_listen_connections, ec);
  if (!ec) door.port = acceptor.local_endpoint(ec).port();
  if (ec) {
    return fail(ErrorCode::kUnavailable, fmt::format("{} port {} cannot be listened on: {}.",
                                                     options.host, port, ec.message()));
  }
  doors.push_back(std::move(door));
  return {};
}

net::awaitable<void> HttpServer::Impl::accept_all(std::size_t door) {
  tcp::acceptor& acceptor = doors[door].acceptor;
  net::steady_timer pause(acceptor.get_executor());
  while (acceptor.is_open()) {
    net::any_io_executor strand = net::make_strand(io);
    auto [ec, socket] = co_await acceptor.async_accept(strand, kTuple);
    if (!ec) {
      admit(std::move(socket), door, hall);
    } else if (acceptor.is_open()) {
      // Out of descriptors: without a pause this loop would spin.
      pause.expires_after(kAcceptPause);
      co_await pause.async_wait(kTuple);
    }
  }
}

void HttpServer::Impl::tell_all(void (Connection::*what)()) {
  // Locked outside of the mutex: the last owner's destructor takes it too.
  std::vector<std::shared_ptr<Connection>> present;
  {
    const std::lock_guard lock(hall.mutex);
    for (const auto& guest : hall.guests) present.push_back(guest.lock());
  }
  for (const auto& connection : present) {
    if (connection) (connection.get()->*what)();
  }
}

bool HttpServer::Impl::wait_until_empty(std::chrono::milliseconds limit) {
  std::unique_lock lock(hall.mutex);
  return hall.left.wait_for(lock, limit, [this] { return hall.open == 0; });
}

void HttpServer::Impl::stop() {
  {
    const std::lock_guard lock(hall.mutex);
    if (std::exchange(hall.ending, true)) return;
  }
  for (Door& door : doors) {
    net::post(door.acceptor.get_executor(), [&acceptor = door.acceptor] {
      error_code ignored;  // nothing is accepted any more, closed or not
      acceptor.close(ignored);
    });
  }
  tell_all(&Connection::ask_to_end);
  if (!wait_until_empty(hall.options.patience.drain)) tell_all(&Connection::abandon);
  if (hall.service.ending) hall.service.ending();
  hall.workers->finish();
  wait_until_empty(hall.options.patience.farewell);
  io.stop();
  threads.clear();
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() {
  stop();
}

Result<std::unique_ptr<HttpServer>> HttpServer::open(const HttpOptions& options, Service service,
                                                     const Clock& clock) {
  auto impl = std::make_unique<Impl>(options, std::move(service), clock);
  DRAMATIS_DO(impl->listen(options));
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

std::uint16_t HttpServer::port(std::size_t door) const {
  return impl_->doors.at(door).port;
}

std::size_t HttpServer::connections() const {
  const std::lock_guard lock(impl_->hall.mutex);
  return impl_->hall.open;
}

void HttpServer::stop() {
  impl_->stop();
}

}  // namespace dramatis::server
