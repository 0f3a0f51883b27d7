// Beast and Asio live here alone: an io_context per exchange, run by the calling thread until the
// step is done.
#include "remote/exchange.h"

#include <array>
#include <functional>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/parser.hpp>
#include <fmt/format.h>

#include "remote/lookup.h"

namespace dramatis::remote {
namespace {

namespace net = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using net::ip::tcp;

bool is_certificate_error(const error_code& ec) {
  return ec.category() == net::error::get_ssl_category() &&
         ERR_GET_REASON(static_cast<unsigned long>(ec.value())) == SSL_R_CERTIFICATE_VERIFY_FAILED;
}

// A close without a TLS farewell ends the bytes; whether they were all is judged above.
bool is_end(const error_code& ec) {
  return ec == net::error::eof || ec == net::ssl::error::stream_truncated;
}

// A body that is taken away piece by piece: unlike Beast's own, it sets nothing aside for the
// length that a stranger claims.
struct PieceBody {
  using value_type = std::string;
  class reader {
   public:
    template <bool is_request, class Fields>
    explicit reader(http::header<is_request, Fields>&, value_type& body) : body_(body) {}
    void init(const boost::optional<std::uint64_t>&, error_code& ec) { ec = {}; }
    template <class Buffers>
    std::size_t put(const Buffers& buffers, error_code& ec) {
      ec = {};
      std::size_t count = 0;
      for (auto at = net::buffer_sequence_begin(buffers); at != net::buffer_sequence_end(buffers);
           ++at) {
        const net::const_buffer piece = *at;
        body_.append(static_cast<const char*>(piece.data()), piece.size());
        count += piece.size();
      }
      return count;
    }
    void finish(error_code& ec) { ec = {}; }

   private:
    value_type& body_;
  };
};

}  // namespace

struct Transport::Impl {
  net::ssl::context tls{net::ssl::context::tls_client};
  Lookup lookup;
};

Transport::Transport(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Transport::Transport(Transport&&) noexcept = default;
Transport& Transport::operator=(Transport&&) noexcept = default;
Transport::~Transport() = default;

Result<Transport> Transport::open(Scheme scheme, const std::string& trusted_pem) {
  try {
    auto impl = std::make_unique<Impl>();
    impl->tls.set_verify_mode(net::ssl::verify_peer);
    SSL_CTX_set_min_proto_version(impl->tls.native_handle(), TLS1_2_VERSION);
    if (trusted_pem.empty()) {
      if (scheme == Scheme::kHttps) impl->tls.set_default_verify_paths();
    } else {
      impl->tls.add_certificate_authority(net::buffer(trusted_pem));
    }
    return Transport(std::move(impl));
  } catch (const std::exception& problem) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("The trusted certificates cannot be read: {}.", problem.what()));
  }
}

struct Exchange::Impl {
  Impl(const Transport& shared_, std::stop_token stop_, std::uint64_t most_bytes_)
      : shared(shared_), stop(std::move(stop_)), most_bytes(most_bytes_) {
    parser.header_limit(kMaxHeaderBytes);
    parser.body_limit(most_bytes);
    parser.eager(true);
  }

  // Starts an operation and runs it to its end, or closes the socket when `until` passes or a stop
  // comes. `start` gets a handler for (error_code, anything).
  template <class Start>
  error_code await(SteadyTime until, Start start);
  // One read from the wire, given to the parser.
  Attempt<void> take_some(SteadyTime until);
  Attempt<void> parse(std::size_t count);
  tl::unexpected<Failure> trouble(const error_code& ec, std::string_view doing, Again again) const;
  void close() {
    error_code ignored;  // a socket that cannot be closed is closed by its destructor
    socket.close(ignored);
  }

  const Transport& shared;
  std::stop_token stop;
  std::uint64_t most_bytes;
  std::string peer;  // for errors
  net::io_context io{1};
  net::executor_work_guard<net::io_context::executor_type> busy{io.get_executor()};
  tcp::socket socket{io};
  std::optional<net::ssl::stream<tcp::socket&>> tls;
  std::array<char, 16 * 1024> buffer{};  // one TLS record
  std::size_t transferred = 0;
  std::string waiting;  // read, and not yet parsed: the beginning of a head, or of a chunk's line
  http::response_parser<PieceBody> parser;
  bool time_up = false;
  bool at_end = false;
  std::optional<Failure> broken;  // told once the bytes before it were taken
  // Last: it posts to the members above until it is gone.
  std::stop_callback<std::function<void()>> on_stop{stop,
                                                    [this] { net::post(io, [this] { close(); }); }};
};

template <class Start>
error_code Exchange::Impl::await(SteadyTime until, Start start) {
  if (stop.stop_requested()) return net::error::operation_aborted;
  bool done = false;
  error_code outcome;
  start([&](error_code ec, auto&& count) {
    done = true;
    outcome = ec;
    if constexpr (std::is_convertible_v<decltype(count), std::size_t>) transferred = count;
  });
  while (!done) {
    if (io.run_one_until(until) > 0) continue;
    time_up = true;
    close();
    while (!done) io.run_one();
  }
  return outcome;
}

tl::unexpected<Failure> Exchange::Impl::trouble(const error_code& ec, std::string_view doing,
                                                Again again) const {
  if (stop.stop_requested()) return failed(ErrorCode::kCancelled, "The call was stopped.");
  if (time_up)
    return failed(ErrorCode::kDeadline, fmt::format("{} took too long while {}.", peer, doing));
  if (is_certificate_error(ec)) {
    auto strange =
        failed(ErrorCode::kUnavailable,
               fmt::format("The certificate of {} is not trusted or is another host's; give the "
                           "certificate of its authority, or mend the host name.",
                           peer));
    strange.value().blame = Blame::kOperator;
    return strange;
  }
  return failed(ErrorCode::kUnavailable,
                fmt::format("{} failed while {}: {}.", peer, doing, ec.message()), again);
}

Attempt<void> Exchange::Impl::parse(std::size_t count) {
  waiting.append(buffer.data(), count);
  std::size_t used = 0;
  while (used < waiting.size() && !parser.is_done()) {
    error_code ec;
    used += parser.put(net::const_buffer(waiting.data() + used, waiting.size() - used), ec);
    if (ec == http::error::need_more) break;
    if (ec == http::error::body_limit) {
      return failed(ErrorCode::kOverBudget,
                    fmt::format("{} sent more than {} bytes.", peer, most_bytes));
    }
    if (ec) {
      return failed(ErrorCode::kCorrupt,
                    fmt::format("{} does not speak HTTP: {}.", peer, ec.message()));
    }
  }
  waiting.erase(0, used);
  if (waiting.size() > kMaxHeaderBytes) {
    return failed(ErrorCode::kCorrupt,
                  fmt::format("{} does not speak HTTP: a line of more than {} bytes.", peer,
                              kMaxHeaderBytes));
  }
  return {};
}

Attempt<void> Exchange::Impl::take_some(SteadyTime until) {
  const auto room = net::buffer(buffer.data(), buffer.size());
  const error_code ec = await(until, [&](auto done) {
    tls ? tls->async_read_some(room, done) : socket.async_read_some(room, done);
  });
  if (!ec) return parse(transferred);
  if (!is_end(ec)) return trouble(ec, "answering", Again::kOnce);
  error_code cut;
  if (!parser.got_some()) cut = http::error::end_of_stream;
  if (!cut) parser.put_eof(cut);
  at_end = !cut;
  if (cut)
    return failed(ErrorCode::kUnavailable, fmt::format("{} hung up in the middle.", peer),
                  Again::kOnce);
  return {};
}

Exchange::Exchange(const Transport& shared, std::stop_token stop, std::uint64_t most_bytes)
    : impl_(std::make_unique<Impl>(shared, std::move(stop), most_bytes)) {}
Exchange::~Exchange() = default;

Attempt<void> Exchange::connect(const Url& url, SteadyTime until) {
  Impl& self = *impl_;
  self.peer = url.authority();
  auto found = self.shared.impl_->lookup.find(url.host, until, self.stop);
  if (!found) {
    const Again again = found.error().code == ErrorCode::kUnavailable ? Again::kYes : Again::kNever;
    return failed(found.error().code, found.error().what, again);
  }
  std::vector<tcp::endpoint> endpoints;
  for (const auto& address : *found) {
    error_code ec;
    const auto number = net::ip::make_address(address, ec);
    if (!ec) endpoints.emplace_back(number, url.port);
  }
  if (const error_code ec =
          self.await(until, [&](auto done) { net::async_connect(self.socket, endpoints, done); })) {
    return self.trouble(ec, "connecting", Again::kYes);
  }
  error_code ignored;  // Nagle costs time and no correctness
  self.socket.set_option(tcp::no_delay(true), ignored);
  if (url.scheme == Scheme::kHttp) return {};

  self.tls.emplace(self.socket, self.shared.impl_->tls);
  error_code numeric;
  net::ip::make_address(url.host, numeric);
  if (numeric && SSL_set_tlsext_host_name(self.tls->native_handle(), url.host.c_str()) != 1) {
    return failed(ErrorCode::kInternal, "The host name was not taken by OpenSSL.");
  }
  self.tls->set_verify_callback(net::ssl::host_name_verification(url.host));
  if (const error_code ec = self.await(until, [&](auto done) {
        self.tls->async_handshake(net::ssl::stream_base::client,
                                  [done](error_code handshake) mutable { done(handshake, 0); });
      })) {
    return self.trouble(ec, "shaking hands", Again::kYes);
  }
  return {};
}

Attempt<Head> Exchange::post(const std::string& path, const Headers& headers,
                             const std::string& body, SteadyTime until) {
  return send("POST", path, headers, body, until);
}

Attempt<Head> Exchange::send(std::string_view method, const std::string& path,
                             const Headers& headers, const std::string& body, SteadyTime until) {
  std::string request = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\nContent-Length: {}\r\n", method,
                                    path, impl_->peer, body.size());
  for (const auto& [name, value] : headers) request += fmt::format("{}: {}\r\n", name, value);
  request += "Connection: close\r\n\r\n";
  return ask(request + body, until);
}

Attempt<Head> Exchange::get(const std::string& path, const Headers& headers, SteadyTime until) {
  std::string request = fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\n", path, impl_->peer);
  for (const auto& [name, value] : headers) request += fmt::format("{}: {}\r\n", name, value);
  return ask(request + "Connection: close\r\n\r\n", until);
}

Attempt<Head> Exchange::ask(const std::string& request, SteadyTime until) {
  Impl& self = *impl_;
  if (const error_code ec = self.await(until, [&](auto done) {
        const auto bytes = net::buffer(request);
        self.tls ? net::async_write(*self.tls, bytes, done)
                 : net::async_write(self.socket, bytes, done);
      })) {
    return self.trouble(ec, "taking the request", Again::kOnce);
  }
  while (!self.parser.is_header_done()) DRAMATIS_DO(self.take_some(until));
  const auto& answer = self.parser.get();
  return Head{.status = static_cast<int>(answer.result_int()),
              .content_type = std::string(answer[http::field::content_type]),
              .content_encoding = std::string(answer[http::field::content_encoding]),
              .retry_after = std::string(answer[http::field::retry_after]),
              .retry_after_ms = std::string(answer["retry-after-ms"]),
              .location = std::string(answer[http::field::location]),
              .etag = std::string(answer[http::field::etag]),
              .content_length = std::string(answer[http::field::content_length]),
              .content_range = std::string(answer[http::field::content_range]),
              .linked_etag = std::string(answer["x-linked-etag"]),
              .linked_size = std::string(answer["x-linked-size"])};
}

Attempt<Piece> Exchange::read(SteadyTime until) {
  Impl& self = *impl_;
  std::string& body = self.parser.get().body();
  while (body.empty() && !self.parser.is_done() && !self.at_end && !self.broken) {
    const auto took = self.take_some(until);
    if (!took && took.error().error.code == ErrorCode::kDeadline)
      return Piece{.kind = Piece::Kind::kTimeUp};
    // What came before the line broke still counts.
    if (!took) self.broken = took.error();
  }
  if (body.empty() && self.broken) return tl::unexpected(*self.broken);
  if (body.empty()) return Piece{.kind = Piece::Kind::kEnd};
  return Piece{.kind = Piece::Kind::kBytes, .bytes = std::exchange(body, {})};
}

}  // namespace dramatis::remote
