// Connect, post, judge the head, then read a stream or a whole answer.
#include "remote/call.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "remote/limits.h"
#include "remote/lines.h"
#include "remote/service.h"
#include "remote/sse.h"

namespace dramatis::remote {
namespace {

// A step's limit passed: the caller's deadline, or a limit of ours within it.
tl::unexpected<Failure> too_late(const Call& call, std::string_view what,
                                 std::chrono::milliseconds limit) {
  if (call.clock.steady() >= call.deadline) {
    return failed(ErrorCode::kDeadline,
                  fmt::format("{} did not finish within the time allowed.", call.url.authority()));
  }
  return failed(ErrorCode::kUnavailable,
                fmt::format("{} {} for {} ms.", call.url.authority(), what, limit.count()));
}

SteadyTime soon(const Call& call, std::chrono::milliseconds limit) {
  return std::min(call.deadline, call.clock.steady() + limit);
}

// Milliseconds from a header that counts `unit`s; nothing for a date, a sign or anything else.
std::optional<std::chrono::milliseconds> parse_pause(std::string_view text,
                                                     std::chrono::milliseconds unit) {
  std::uint32_t count = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (ec != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return count * unit;
}

bool worth_another(int status) {
  return status == 408 || status == 409 || status == 429 || (status >= 500 && status <= 599);
}

Blame blame_for(int status) {
  switch (status) {
    case 401:
    case 402:
    case 403:
    case 404:
    case 405:
      return Blame::kOperator;
    case 400:
    case 413:
    case 422:
      return Blame::kNobody;
    default:
      return status / 100 == 3 ? Blame::kOperator : Blame::kService;
  }
}

// What is wrong with an answer that is no 200.
Failure refused(const Call& call, const Head& head, const Refusal& refusal) {
  if (refusal.too_long || head.status == 413) {
    return {.error = {ErrorCode::kOverBudget,
                      fmt::format("The prompt is too long for '{}' at {}. {}", call.options.model,
                                  call.url.authority(), refusal.words)},
            .blame = Blame::kNobody,
            .status = head.status};
  }
  const std::string_view mend = head.status == 401 || head.status == 403 ? "; check the key"
                                : head.status == 404 ? "; check the address and the model's name"
                                : head.status / 100 == 3
                                    ? "; redirects are not followed, give the final address"
                                    : "";
  Failure failure{
      .error = {ErrorCode::kUnavailable, fmt::format("{} answered {}{}. {}", call.url.authority(),
                                                     head.status, mend, refusal.words)},
      .blame = blame_for(head.status),
      .status = head.status};
  failure.gist = fmt::format("{} answered {}{}.", call.url.authority(), head.status, mend);
  if (!worth_another(head.status)) return failure;
  failure.again = Again::kYes;
  failure.after = parse_pause(head.retry_after_ms, std::chrono::milliseconds(1));
  if (!failure.after) failure.after = parse_pause(head.retry_after, std::chrono::seconds(1));
  return failure;
}

tl::unexpected<Failure> service_failed(const Call& call, const Refusal& refusal) {
  auto failure =
      failed(refusal.too_long ? ErrorCode::kOverBudget : ErrorCode::kUnavailable,
             fmt::format("{} reported a failure. {}", call.url.authority(), refusal.words));
  if (refusal.too_long) failure.value().blame = Blame::kNobody;
  failure.value().gist = fmt::format("{} reported a failure.", call.url.authority());
  return failure;
}

// A whole body of at most `most` bytes.
Attempt<std::string> read_body(const Call& call, Exchange& exchange, std::size_t most,
                               SteadyTime until) {
  std::string body;
  for (;;) {
    DRAMATIS_TRY(const Piece piece, exchange.read(until));
    if (piece.kind == Piece::Kind::kTimeUp)
      return too_late(call, "was silent", call.options.idle_timeout);
    if (piece.kind == Piece::Kind::kEnd) return body;
    if (piece.bytes.size() > most - body.size()) {
      return failed(ErrorCode::kOverBudget, fmt::format("{} sent an answer of more than {} bytes.",
                                                        call.url.authority(), most));
    }
    body += piece.bytes;
  }
}

// Adds up the deltas of one attempt.
class Listener {
 public:
  Listener(const Call& call, Reply& reply) : call_(call), reply_(reply) {}

  // kEnough: the reply is over.
  Attempt<Heard> take(Delta delta) {
    const bool last = delta.last;
    DRAMATIS_TRY(const Heard heard, add(std::move(delta)));
    return last && finished() ? Heard::kEnough : heard;
  }

  [[nodiscard]] bool finished() const { return !finish_.empty(); }

  Attempt<Ending> end() {
    if (!reply_.stopped()) {
      DRAMATIS_DO(listened(reply_.finish()));
    }
    if (finish_ == "error" || (finish_ == "content_filter" && reply_.text().empty())) {
      return failed(ErrorCode::kUnavailable,
                    fmt::format("{} ended the reply with '{}'.", call_.url.authority(),
                                finish_ == "error" ? "error" : "content_filter"));
    }
    if (reply_.turn_ended()) {
      ending_.why = lm::StopReason::kEndOfTurn;
    } else if (reply_.stopped()) {
      ending_.why = lm::StopReason::kStopString;
    } else if (reply_.too_long() || finish_ == "length") {
      ending_.why = lm::StopReason::kLength;
    }
    ending_.whole = finished();
    return ending_;
  }

 private:
  Attempt<Heard> add(Delta delta) {
    if (delta.refusal) return service_failed(call_, *delta.refusal);
    if (delta.usage.prompt_tokens) ending_.usage = delta.usage;
    if (!finish_.empty()) return Heard::kMore;
    finish_ = std::move(delta.finish);
    if (delta.text.empty()) return Heard::kMore;
    ++ending_.events;
    return listened(reply_.take(delta.text));
  }

  Attempt<Heard> listened(Heard heard) {
    if (heard == Heard::kListenerLeft) return failed(ErrorCode::kCancelled, "The listener left.");
    // What came in one read is not given out after a stop either.
    if (call_.stop.stop_requested()) return failed(ErrorCode::kCancelled, "The call was stopped.");
    return heard;
  }

  const Call& call_;
  Reply& reply_;
  Ending ending_;
  std::string finish_;
};

// Reads events until the reply is over; kMore: the stream went on.
class StreamReader {
 public:
  StreamReader(const Call& call, Exchange& exchange, Reply& reply)
      : call_(call), exchange_(exchange), listener_(call, reply) {}

  Attempt<Ending> read(SteadyTime first_event) {
    SteadyTime until = first_event;
    for (;;) {
      auto piece = exchange_.read(until);
      // After the last word only the cost is still to come: nothing that happens now harms the
      // reply.
      if (listener_.finished() && (!piece || piece->kind != Piece::Kind::kBytes))
        return listener_.end();
      if (!piece) return tl::unexpected(std::move(piece).error());
      if (piece->kind == Piece::Kind::kTimeUp) return silent();
      if (piece->kind == Piece::Kind::kEnd) return broken_off();
      const bool had_finished = listener_.finished();
      DRAMATIS_TRY(const bool over, take(piece->bytes));
      if (over) return listener_.end();
      if (listener_.finished()) {
        if (!had_finished) until = soon(call_, call_.options.finish_grace);
      } else if (heard_event_) {
        until = soon(call_, call_.options.idle_timeout);
      }
    }
  }

 private:
  // Whether the reply is over.
  Attempt<bool> take(std::string_view bytes) {
    std::vector<std::string> pieces;
    heard_event_ = false;
    const Status parsed = split(bytes, pieces);
    for (const auto& piece : pieces) {
      heard_event_ = true;
      heard_any_ = true;
      if (piece.starts_with("[DONE]")) {
        if (!listener_.finished()) return broken_off();
        return true;
      }
      const auto delta = call_.wire.parse_piece(piece, call_.options.key);
      if (!delta) return failed(delta.error().code, delta.error().what);
      DRAMATIS_TRY(const Heard heard, listener_.take(*delta));
      if (heard == Heard::kEnough) return true;
    }
    if (!parsed) return failed(parsed.error().code, parsed.error().what);
    return false;
  }

  Status split(std::string_view bytes, std::vector<std::string>& pieces) {
    if (call_.wire.framing() == Framing::kLines) return lines_.push(bytes, pieces);
    std::vector<SseEvent> events;
    const Status parsed = events_.push(bytes, events);
    for (auto& event : events) pieces.push_back(std::move(event.data));
    return parsed;
  }

  tl::unexpected<Failure> silent() const {
    return heard_any_ ? too_late(call_, "sent no event", call_.options.idle_timeout)
                      : too_late(call_, "sent no first event", call_.options.first_byte_timeout);
  }

  tl::unexpected<Failure> broken_off() const {
    return failed(ErrorCode::kUnavailable,
                  fmt::format("{} broke off in the middle of the reply.", call_.url.authority()),
                  Again::kOnce);
  }

  const Call& call_;
  Exchange& exchange_;
  Listener listener_;
  SseParser events_;
  LineParser lines_;
  bool heard_event_ = false;  // in the last bytes
  bool heard_any_ = false;
};

Attempt<Ending> read_answer(const Call& call, Exchange& exchange, Reply& reply) {
  DRAMATIS_TRY(const std::string body, read_body(call, exchange, kMaxAnswerBytes, call.deadline));
  const auto delta = call.wire.parse_answer(body, call.options.key);
  if (!delta) return failed(delta.error().code, delta.error().what);
  Listener listener(call, reply);
  DRAMATIS_DO(listener.take(*delta));
  if (!listener.finished()) {
    return failed(
        ErrorCode::kCorrupt,
        fmt::format("{} sent an answer that does not say how it ended.", call.url.authority()));
  }
  return listener.end();
}

bool is_type(const Head& head, std::string_view type) {
  return std::string_view(head.content_type).substr(0, head.content_type.find(';')) == type;
}

Failure strange(const Call& call, std::string_view what) {
  return {
      .error = {ErrorCode::kCorrupt,
                fmt::format("{} answered with {}; is {} the address of a service that speaks {}?",
                            call.url.authority(), what, call.options.url,
                            protocol_name(call.options.protocol))}};
}

Attempt<void> reach(const Call& call, Exchange& exchange) {
  if (auto connected = exchange.connect(call.url, soon(call, call.options.connect_timeout));
      !connected) {
    if (connected.error().error.code != ErrorCode::kDeadline)
      return tl::unexpected(connected.error());
    auto late = too_late(call, "could not be reached", call.options.connect_timeout).value();
    if (late.error.code == ErrorCode::kUnavailable) late.again = Again::kYes;
    return tl::unexpected(std::move(late));
  }
  return {};
}

Attempt<Head> send(const Call& call, Exchange& exchange, SteadyTime first_byte, Traces& traces) {
  DRAMATIS_DO(reach(call, exchange));
  traces.sent = true;
  auto head = exchange.post(fmt::format("{}{}", call.url.path, call.resource), call.headers,
                            call.body, first_byte);
  if (!head && head.error().error.code == ErrorCode::kDeadline) {
    return too_late(call, "did not answer", call.options.first_byte_timeout);
  }
  return head;
}

// The head of an answer that may be read on.
Attempt<Head> accepted(const Call& call, Exchange& exchange, SteadyTime first_byte,
                       Traces& traces) {
  DRAMATIS_TRY(Head head, send(call, exchange, first_byte, traces));
  if (head.status != 200) {
    const auto body =
        read_body(call, exchange, kMaxRefusalBytes, soon(call, call.options.idle_timeout));
    return tl::unexpected(refused(call, head, parse_refusal(body ? *body : "", call.options.key)));
  }
  if (!head.content_encoding.empty() && head.content_encoding != "identity") {
    return tl::unexpected(strange(call, "compressed bytes that nobody asked for"));
  }
  return head;
}

Failure unknown_type(const Call& call, const Head& head) {
  return strange(call, is_type(head, "text/html") ? "a web page" : "an unknown content type");
}

}  // namespace

Attempt<Ending> attempt(const Call& call, Reply& reply, Traces& traces) {
  Exchange exchange(call.transport, call.stop);
  // A whole answer begins when its last word is known, so it has until the deadline.
  const SteadyTime first_byte =
      call.stream == Streaming::kOn
          ? soon(call, call.options.connect_timeout + call.options.first_byte_timeout)
          : call.deadline;
  DRAMATIS_TRY(const Head head, accepted(call, exchange, first_byte, traces));
  const std::string_view stream_type =
      call.wire.framing() == Framing::kEvents ? "text/event-stream" : "application/x-ndjson";
  // Some services ignore `stream` and answer at once.
  if (is_type(head, stream_type)) return StreamReader(call, exchange, reply).read(first_byte);
  if (is_type(head, "application/json")) return read_answer(call, exchange, reply);
  return tl::unexpected(unknown_type(call, head));
}

Attempt<std::string> fetch(const Call& call) {
  Exchange exchange(call.transport, call.stop);
  Traces traces;
  DRAMATIS_TRY(const Head head, accepted(call, exchange, call.deadline, traces));
  if (!is_type(head, "application/json")) return tl::unexpected(unknown_type(call, head));
  return read_body(call, exchange, kMaxAnswerBytes, call.deadline);
}

Attempt<void> feel_pulse(const Call& call) {
  Exchange exchange(call.transport, call.stop);
  DRAMATIS_DO(reach(call, exchange));
  auto head =
      exchange.get(fmt::format("{}{}", call.url.path, call.resource), call.headers, call.deadline);
  if (!head && head.error().error.code == ErrorCode::kDeadline)
    return too_late(call, "did not answer", call.options.connect_timeout);
  if (!head) return tl::unexpected(std::move(head).error());
  const Blame blame = blame_for(head->status);
  // Not every service lists its models; that it says so is a sign of life.
  const bool lives = head->status < 500 && head->status != 429 &&
                     !(blame == Blame::kOperator && head->status < 404);
  if (lives) return {};
  return tl::unexpected(refused(call, *head, {}));
}

}  // namespace dramatis::remote
