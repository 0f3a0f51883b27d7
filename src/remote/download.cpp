// Connection after connection, until all is here; then the hash.
#include "remote/download.h"

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <mutex>

#include <fmt/format.h>

#include "remote/fetch.h"
#include "remote/part_file.h"

namespace dramatis::remote {
namespace {

bool is_hash(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "bytes 100-199/200"
struct Range {
  std::uint64_t first;
  std::uint64_t last;
  std::uint64_t total;
};
std::optional<Range> parse_range(std::string_view text) {
  constexpr std::string_view kUnit = "bytes ";
  const auto dash = text.find('-');
  const auto slash = text.find('/');
  if (!text.starts_with(kUnit) || dash == text.npos || slash == text.npos || dash > slash)
    return std::nullopt;
  const auto first = number(text.substr(kUnit.size(), dash - kUnit.size()));
  const auto last = number(text.substr(dash + 1, slash - dash - 1));
  const auto total = number(text.substr(slash + 1));
  if (!first || !last || !total || *last >= *total || *first > *last) return std::nullopt;
  return Range{*first, *last, *total};
}

class Job {
 public:
  Job(const DownloadRequest& request, const FetchContext& context, Address address, PartFile part)
      : request_(request),
        context_(context),
        address_(std::move(address)),
        part_(std::move(part)),
        sha256_(lower(request.sha256)),
        total_(request.bytes.value_or(0)) {}

  Result<Download> run() {
    const std::uint64_t found = part_.size();
    int idle = 0;
    for (int attempt = 1;; ++attempt) {
      const auto before = part_.size();
      const auto went = connect_and_take();
      if (went) break;
      const auto& failure = went.error();
      idle = part_.size() > before ? 0 : idle + 1;
      const bool may_heal =
          failure.again != Again::kNever || failure.error.code == ErrorCode::kDeadline;
      if (!may_heal || idle >= kMaxIdleAttempts || attempt >= kMaxDownloadAttempts)
        return tl::unexpected(failure.error);
      if (idle > 0) DRAMATIS_DO(pause());
    }
    DRAMATIS_TRY(auto done, verify());
    done.found = std::min(found, resumed_at_);
    return done;
  }

 private:
  // The wait between two connections, which a stop ends.
  [[nodiscard]] Status pause() const {
    std::mutex mutex;
    std::condition_variable_any waiting;
    std::unique_lock lock(mutex);
    waiting.wait_for(lock, context_.stop, request_.retry_pause, [] { return false; });
    if (context_.stop.stop_requested())
      return fail(ErrorCode::kCancelled, "The download was stopped; it goes on when asked again.");
    return {};
  }

  static tl::unexpected<Failure> raise(Error error, Again again = Again::kNever) {
    return tl::unexpected<Failure>(Failure{.error = std::move(error), .again = again});
  }

  // Without an ETag, only the hash of the whole can show that two halves belong together.
  [[nodiscard]] bool can_go_on() const {
    return part_.size() > 0 && (!part_.notes().etag.empty() || is_hash(sha256_));
  }

  [[nodiscard]] Attempt<void> anew() {
    if (auto emptied = part_.begin_anew(); !emptied) return raise(std::move(emptied).error());
    return {};
  }

  Attempt<void> connect_and_take() {
    if (part_.size() > 0 && total_of_notes() == part_.size())
      return {};  // only the hash is missing
    if (!can_go_on()) DRAMATIS_DO(anew());
    Headers headers;
    if (part_.size() > 0) {
      headers.emplace_back("Range", fmt::format("bytes={}-", part_.size()));
      if (!part_.notes().etag.empty()) headers.emplace_back("If-Range", part_.notes().etag);
    }
    auto fetched = fetch(context_, address_, headers, request_.most_bytes);
    if (!fetched) return tl::unexpected(std::move(fetched).error());
    DRAMATIS_DO(believe(*fetched));
    DRAMATIS_DO(settle_place(*fetched));
    return take(*fetched);
  }

  [[nodiscard]] std::uint64_t total_of_notes() const {
    return total_ != 0 ? total_ : part_.notes().total;
  }

  // What Hugging Face says of the file beside its address.
  Attempt<void> believe(const Fetched& fetched) {
    std::string hash = lower(fetched.linked_etag);
    std::erase(hash, '"');
    if (sha256_.empty() && is_hash(hash)) sha256_ = hash;
    if (const auto size = number(fetched.linked_size)) return expect(*size, fetched.from);
    return {};
  }

  Attempt<void> expect(std::uint64_t total, const Address& from) {
    if (total > request_.most_bytes) {
      return raise({ErrorCode::kOverBudget, fmt::format("{} has {} bytes; at most {} are fetched.",
                                                        from.shown(), total, request_.most_bytes)});
    }
    if (total_ != 0 && total_ != total) {
      part_.remove();
      return raise({ErrorCode::kCorrupt, fmt::format("{} has {} bytes; {} were expected.",
                                                     from.shown(), total, total_)});
    }
    total_ = total;
    return {};
  }

  // Whether the answer begins where what is here ends.
  Attempt<void> settle_place(const Fetched& fetched) {
    const auto& head = fetched.head;
    if (!head.content_encoding.empty() && head.content_encoding != "identity") {
      return raise(
          {ErrorCode::kCorrupt, fmt::format("{} sends the file packed, which was not asked for.",
                                            fetched.from.shown())});
    }
    if (head.status == 206) return settle_rest(fetched);
    if (head.status == 416) {
      DRAMATIS_DO(anew());
      return raise({ErrorCode::kUnavailable,
                    fmt::format("{} has another file by now.", fetched.from.shown())},
                   Again::kYes);
    }
    if (head.status != 200) return tl::unexpected(failure_of(head, fetched.from));
    DRAMATIS_DO(anew());
    resumed_at_ = 0;
    std::uint64_t total = total_;
    if (const auto length = number(head.content_length)) {
      DRAMATIS_DO(expect(*length, fetched.from));
      total = *length;
    }
    if (total == 0 && sha256_.empty()) {
      return raise({ErrorCode::kCorrupt,
                    fmt::format("{} says neither how long the file is nor what its hash is, so a "
                                "part of it could pass for the whole. Give its --sha256.",
                                fetched.from.shown())});
    }
    return note(head, total);
  }

  Attempt<void> settle_rest(const Fetched& fetched) {
    const auto range = parse_range(fetched.head.content_range);
    const bool fits = range && range->first == part_.size() && range->last + 1 == range->total;
    const auto known = total_of_notes();
    if (!fits || part_.size() == 0 || (known != 0 && known != range->total)) {
      DRAMATIS_DO(anew());
      return raise({ErrorCode::kCorrupt, fmt::format("{} sent another part of the file than was "
                                                     "asked for.",
                                                     fetched.from.shown())},
                   Again::kYes);
    }
    resumed_at_ = std::max(resumed_at_, part_.size());
    return expect(range->total, fetched.from);
  }

  Attempt<void> note(const Head& head, std::uint64_t total) {
    const bool is_strong = head.etag.starts_with('"') && head.etag.ends_with('"') &&
                           head.etag.size() <= 256 && head.etag.size() > 2;
    auto noted = part_.note(
        {.address = request_.address, .etag = is_strong ? head.etag : "", .total = total});
    if (!noted) return raise(std::move(noted).error());
    std::error_code unknown;  // a folder that does not tell its room is found full later
    const auto room = std::filesystem::space(
        request_.to.has_parent_path() ? request_.to.parent_path() : std::filesystem::path("."),
        unknown);
    if (unknown || room.available >= total) return {};
    return raise(
        {ErrorCode::kOverBudget, fmt::format("The file has {} bytes; {} has room for {}.", total,
                                             request_.to.parent_path().string(), room.available)});
  }

  Attempt<void> take(const Fetched& fetched) {
    const auto most = total_ != 0 ? total_ : request_.most_bytes;
    for (;;) {
      auto piece = fetched.exchange->read(context_.clock.steady() + context_.idle_timeout);
      if (!piece) {
        if (piece.error().error.code == ErrorCode::kOverBudget) part_.remove();
        return tl::unexpected(std::move(piece).error());
      }
      if (piece->kind == Piece::Kind::kTimeUp) {
        return raise(
            {ErrorCode::kDeadline, fmt::format("{} sends nothing any more.", fetched.from.shown())},
            Again::kYes);
      }
      if (piece->kind == Piece::Kind::kEnd) break;
      if (piece->bytes.size() > most - part_.size()) {
        part_.remove();
        const auto code = total_ != 0 ? ErrorCode::kCorrupt : ErrorCode::kOverBudget;
        return raise(
            {code, fmt::format("{} sends more than {} bytes.", fetched.from.shown(), most)});
      }
      if (auto put = part_.append(piece->bytes); !put) return raise(std::move(put).error());
      if (request_.progress) request_.progress(part_.size(), total_);
    }
    if (total_ == 0 || part_.size() == total_) return {};
    return raise({ErrorCode::kUnavailable, fmt::format("{} hung up after {} of {} bytes.",
                                                       fetched.from.shown(), part_.size(), total_)},
                 Again::kYes);
  }

  Result<Download> verify() {
    Download done{.bytes = part_.size()};
    DRAMATIS_TRY(done.sha256, part_.sha256());
    done.is_verified = !sha256_.empty();
    if (done.is_verified && done.sha256 != sha256_) {
      part_.remove();
      return fail(ErrorCode::kCorrupt,
                  fmt::format("{} has the SHA-256 {}, {} was expected. What came was thrown away; "
                              "fetch it again, or check where it comes from.",
                              address_.shown(), done.sha256, sha256_));
    }
    DRAMATIS_DO(part_.finish());
    return done;
  }

  const DownloadRequest& request_;
  const FetchContext& context_;
  const Address address_;
  PartFile part_;
  std::string sha256_;   // empty: not known
  std::uint64_t total_;  // 0: not known
  std::uint64_t resumed_at_ = 0;
};

}  // namespace

Result<Download> download(const DownloadRequest& request, const Clock& clock,
                          std::stop_token stop) {
  DRAMATIS_TRY(auto address, parse_address(request.address));
  if (!request.sha256.empty() && !is_hash(lower(request.sha256))) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("A SHA-256 has 64 hexadecimal digits, not {}.", request.sha256.size()));
  }
  DRAMATIS_TRY(const auto transport, Transport::open(Scheme::kHttps, request.trusted_pem));
  const FetchContext context{.transport = transport,
                             .clock = clock,
                             .stop = std::move(stop),
                             .connect_timeout = request.connect_timeout,
                             .idle_timeout = request.idle_timeout,
                             .allows_http = !request.sha256.empty()};
  DRAMATIS_TRY(auto part, PartFile::open(request.to, request.address));
  return Job(request, context, std::move(address), std::move(part)).run();
}

}  // namespace dramatis::remote
