// One answer under way: a worker writes it, the network takes it away.
#pragma once

#include <functional>
#include <mutex>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "server/head.h"
#include "server/http.h"
#include "server/print.h"

namespace dramatis::server {

using Handler = std::function<void(const Request&, Answer&)>;

// Thread-safe.
class Job final : public Answer {
 public:
  // `wake` is called after every change, from the worker's thread. `clock` outlives the job.
  // `headers`: lines for the answer's head, each with its line end.
  Job(Head head, std::string headers, const Clock& clock, std::function<void()> wake);

  // On a worker, once: asks `handler`, and answers 500 where it answers nothing or throws.
  void work(const Handler& handler);

  void respond(Response response) override;
  Reader send_event(std::string_view type, std::string_view data) override;
  Reader send_piece(std::string_view content_type, std::string_view bytes) override;
  [[nodiscard]] std::stop_token stop() const override { return stop_.get_token(); }

  // On the network: what is ready to be sent, and whether more may come.
  struct Ready {
    std::string bytes{};
    bool ended = false;
    bool whole = false;    // these bytes are the whole answer
    bool streams = false;  // a sign of life may stand between its bytes
  };
  [[nodiscard]] Ready take();
  // A sign of life, where the answer is a stream of events.
  [[nodiscard]] std::string ping() const;
  // Nobody listens any more; the work is told to stop.
  void abandon();
  // Its request goes when the handler has ended; its method stays.
  [[nodiscard]] const Head& head() const { return head_; }
  [[nodiscard]] const std::string& method() const { return method_; }
  // Bytes of the answer that wait to be taken, or were taken last and may not have left.
  [[nodiscard]] std::size_t queued() const;

 private:
  enum class Shape { kNone, kWhole, kEvents, kPieces };
  [[nodiscard]] Wire wire() const;
  void end();
  void append(std::string_view bytes);  // under mutex_

  Head head_;
  const std::string method_;
  const std::string headers_;
  const Clock& clock_;
  const std::function<void()> wake_;
  std::stop_source stop_;
  mutable std::mutex mutex_;
  std::string ready_;           // guarded by mutex_
  std::size_t leaving_ = 0;     // likewise; bytes that were taken last
  Shape shape_ = Shape::kNone;  // likewise
  bool ended_ = false;          // likewise
};

}  // namespace dramatis::server
