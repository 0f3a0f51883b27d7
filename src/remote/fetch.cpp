// Asks, and asks again where it is sent.
#include "remote/fetch.h"

#include <fmt/format.h>

#include "remote/limits.h"

namespace dramatis::remote {
namespace {

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

}  // namespace

Attempt<Fetched> fetch(const FetchContext& context, const Address& address, const Headers& headers,
                       std::uint64_t most_bytes) {
  Headers all = headers;
  all.emplace_back("User-Agent", "dramatis");
  all.emplace_back("Accept-Encoding", "identity");
  Fetched fetched{.exchange = {}, .from = address};
  for (int hop = 0; hop <= kMaxRedirects; ++hop) {
    const auto& url = fetched.from.url;
    if (url.scheme == Scheme::kHttp && !is_loopback(url) && !context.allows_http) {
      return failed(ErrorCode::kRefused,
                    fmt::format("{} is not encrypted: nobody would see that the file was changed "
                                "on its way. Use https, or give the file's --sha256.",
                                fetched.from.shown()));
    }
    fetched.exchange = std::make_unique<Exchange>(context.transport, context.stop, most_bytes);
    DRAMATIS_DO(fetched.exchange->connect(url, context.clock.steady() + context.connect_timeout));
    auto head = fetched.exchange->get(fetched.from.target(), all,
                                      context.clock.steady() + context.idle_timeout);
    if (!head) return tl::unexpected(std::move(head).error());
    fetched.head = *std::move(head);
    if (fetched.linked_etag.empty()) {
      fetched.linked_etag = fetched.head.linked_etag;
      fetched.linked_size = fetched.head.linked_size;
    }
    if (!is_redirect(fetched.head.status)) return fetched;
    auto next = redirect(fetched.from, fetched.head.location);
    if (!next) return tl::unexpected(Failure{.error = std::move(next).error()});
    fetched.from = *std::move(next);
  }
  return failed(ErrorCode::kRefused,
                fmt::format("{} sends on more than {} times.", address.shown(), kMaxRedirects));
}

Failure failure_of(const Head& head, const Address& address) {
  const auto say = [&](ErrorCode code, std::string_view what, Again again = Again::kNever) {
    return Failure{
        .error = {code, fmt::format("{} answers {}: {}.", address.shown(), head.status, what)},
        .again = again};
  };
  if (head.status == 404 || head.status == 410)
    return say(ErrorCode::kNotFound, "there is no such file; check its name");
  if (head.status == 401 || head.status == 403)
    return say(ErrorCode::kRefused, "it is given to some alone; fetch it with their own tool");
  if (head.status == 429 || head.status >= 500)
    return say(ErrorCode::kUnavailable, "it cannot serve now", Again::kYes);
  return say(ErrorCode::kCorrupt, "no file comes with that");
}

Result<std::string> fetch_text(const FetchContext& context, const Address& address,
                               std::uint64_t most_bytes) {
  auto fetched = fetch(context, address, {}, most_bytes);
  if (!fetched) return tl::unexpected(std::move(fetched).error().error);
  if (fetched->head.status != 200)
    return tl::unexpected(failure_of(fetched->head, fetched->from).error);
  std::string all;
  for (;;) {
    auto piece = fetched->exchange->read(context.clock.steady() + context.idle_timeout);
    if (!piece) return tl::unexpected(std::move(piece).error().error);
    if (piece->kind == Piece::Kind::kTimeUp)
      return fail(ErrorCode::kDeadline, fmt::format("{} stopped in the middle.", address.shown()));
    if (piece->kind == Piece::Kind::kEnd) return all;
    all += piece->bytes;
  }
}

}  // namespace dramatis::remote
