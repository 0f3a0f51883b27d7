// Small things that handlers of all dialects need: sinks, and what of a request's head belongs to
// what it asks.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "lm/language_model.h"
#include "server/dialect_ask.h"
#include "server/dialect_play.h"
#include "server/dialects.h"
#include "server/http.h"

namespace dramatis::server {

// For a reader of the whole reply.
class SilentSink final : public lm::TextSink {
 public:
  [[nodiscard]] lm::Go write(std::string_view /*words*/) override { return lm::Go::kOn; }
};

// Sends what `print` makes of each piece of words, as a stream of one content type.
class StreamSink final : public lm::TextSink {
 public:
  // `answer` outlives it.
  StreamSink(Answer& answer, std::string_view content_type,
             std::function<std::string(std::string_view)> print)
      : answer_(answer), content_type_(content_type), print_(std::move(print)) {}

  [[nodiscard]] lm::Go write(std::string_view words) override {
    return send(print_(words)) == Reader::kThere ? lm::Go::kOn : lm::Go::kStop;
  }
  // Bytes beside words.
  Reader send(std::string_view bytes) {
    begun_ = true;
    return answer_.send_piece(content_type_, bytes);
  }
  // Whether anything was sent: an error is then told within the stream.
  [[nodiscard]] bool begun() const { return begun_; }

 private:
  Answer& answer_;
  std::string content_type_;
  std::function<std::string(std::string_view)> print_;
  bool begun_ = false;
};

// Adds who calls, and what the head says: the session (X-Session), the key of a stored turn
// (Idempotency-Key), and under which name this talk's computed words may be kept: a name that holds
// the caller's key, the player and the talk's first words, so that nobody else's request is served
// from them.
void read_head_of(const Call& call, Ask& ask);

// As play(), within the caller's quota of tokens.
[[nodiscard]] Judged<Played> play_within_quota(const Dialects& with, const Call& call,
                                               const Ask& ask, const Named& who,
                                               Listening listening);

// What makes vectors: the service's own, or else the model that the client names.
[[nodiscard]] Judged<lm::Embedder*> embedder_of(std::string_view model, const Dialects& with);

// "call_", "chatcmpl-" and so on with 64 random bits.
[[nodiscard]] std::string fresh_id(std::string_view prefix);

}  // namespace dramatis::server
