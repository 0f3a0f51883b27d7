// Beast's parser sees a head of ours, which says how the body is framed and nothing else.
#include "server/request_reader.h"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <fmt/format.h>

#include "base/check.h"
#include "server/limits.h"

namespace dramatis::server {
namespace {

namespace http = boost::beast::http;

tl::unexpected<Refusal> refused(const boost::system::error_code& ec) {
  if (ec == http::error::body_limit) {
    return tl::unexpected<Refusal>(Refusal{
        .status = 413, .detail = fmt::format("The body has more than {} bytes.", kMaxBodyBytes)});
  }
  return tl::unexpected<Refusal>(
      Refusal{.status = 400, .detail = "The body is not framed as it says."});
}

}  // namespace

struct RequestReader::Body {
  http::request_parser<http::string_body> parser;
};

RequestReader::RequestReader(std::size_t door) : door_(door) {}
RequestReader::~RequestReader() = default;

tl::expected<std::size_t, Refusal> RequestReader::push(std::string_view bytes) {
  DRAMATIS_CHECK(state_ != State::kDone);
  if (state_ == State::kBody) return push_body(bytes);
  auto taken = scanner_.push(bytes);
  if (!taken || !scanner_.whole()) return taken;
  auto head = parse_head(scanner_.take());
  if (!head) return tl::unexpected(head.error());
  head_ = *std::move(head);
  head_.request.door = door_;
  state_ = head_.framing == Framing::kNone ? State::kDone : State::kBody;
  return taken;
}

tl::expected<void, Refusal> RequestReader::start_body() {
  body_ = std::make_unique<Body>();
  body_->parser.eager(true);
  // A length that was told has been judged with the head, by whoever knows the route.
  body_->parser.body_limit(head_.framing == Framing::kChunked ? kMaxBodyBytes : kMaxUploadBytes);
  body_->parser.header_limit(static_cast<std::uint32_t>(kMaxHeaderBytes));  // trailers count too
  const std::string framing = head_.framing == Framing::kChunked
                                  ? "Transfer-Encoding: chunked"
                                  : fmt::format("Content-Length: {}", head_.length);
  const std::string head = fmt::format("POST / HTTP/1.1\r\n{}\r\n\r\n", framing);
  boost::system::error_code ec;
  body_->parser.put(boost::asio::buffer(head), ec);
  if (ec && ec != http::error::need_more) return refused(ec);
  return {};
}

tl::expected<std::size_t, Refusal> RequestReader::push_body(std::string_view bytes) {
  // Not before its first bytes: the parser sets aside as much as was told.
  if (body_ == nullptr) {
    if (auto started = start_body(); !started) return tl::unexpected(started.error());
  }
  // Beast leaves a chunk's header that is not whole in the buffer; it is shown again with what
  // follows.
  boost::system::error_code ec;
  const std::size_t taken = body_->parser.put(boost::asio::buffer(bytes.data(), bytes.size()), ec);
  if (ec && ec != http::error::need_more) return refused(ec);
  if (taken == 0 && bytes.size() > kMaxHeaderBytes) {
    return tl::unexpected<Refusal>(Refusal{
        .status = 400,
        .detail = fmt::format("A chunk's header has more than {} bytes.", kMaxHeaderBytes)});
  }
  if (body_->parser.is_done()) {
    head_.request.body = std::move(body_->parser.get().body());
    body_ = nullptr;
    state_ = State::kDone;
  }
  return taken;
}

}  // namespace dramatis::server
