// Bytes pile up under a mutex until the network takes them; past a limit the reader counts as gone.
#include "server/job.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "server/limits.h"
#include "server/problem.h"

namespace dramatis::server {

Job::Job(Head head, std::string headers, const Clock& clock, std::function<void()> wake)
    : head_(std::move(head)),
      method_(head_.request.method),
      headers_(std::move(headers)),
      clock_(clock),
      wake_(std::move(wake)) {}

Wire Job::wire() const {
  return {.version = head_.version,
          .after = head_.after,
          .method = method_,
          .now = clock_.now(),
          .headers = headers_};
}

void Job::work(const Handler& handler) {
  try {
    if (!stop_.stop_requested()) handler(head_.request, *this);
  } catch (const std::exception&) {
    // Of a library, or bad_alloc: the caller learns that it was our fault, and no more.
  }
  end();
  // A reader may take long; what he asked for does not wait with him.
  static_cast<void>(std::exchange(head_.request, {}));
}

void Job::respond(Response response) {
  {
    const std::lock_guard lock(mutex_);
    DRAMATIS_CHECK(shape_ == Shape::kNone);
    shape_ = Shape::kWhole;
    ready_ = print_response(response, wire());
    ended_ = true;
  }
  wake_();
}

Reader Job::send_event(std::string_view type, std::string_view data) {
  return send_piece(kEventStream, print_event(type, data));
}

Reader Job::send_piece(std::string_view content_type, std::string_view bytes) {
  if (stop_.stop_requested()) return Reader::kGone;
  bool fits = true;
  {
    const std::lock_guard lock(mutex_);
    DRAMATIS_CHECK(shape_ != Shape::kWhole && !ended_);
    if (shape_ == Shape::kNone) ready_ = print_stream_head(content_type, wire());
    shape_ = content_type == kEventStream ? Shape::kEvents : Shape::kPieces;
    const std::string piece = print_piece(bytes, head_.version);
    const std::size_t waiting = ready_.size() + leaving_;
    fits = waiting <= kMaxBeforeAnyPiece || waiting + piece.size() <= kMaxQueuedBytes;
    if (fits) append(piece);
  }
  if (!fits) abandon();
  wake_();
  return fits ? Reader::kThere : Reader::kGone;
}

// In steps of its own: a text that doubles would hold twice what waits.
void Job::append(std::string_view bytes) {
  constexpr std::size_t kStep = 4 * 1024;
  if (ready_.capacity() - ready_.size() < bytes.size()) {
    std::string longer;
    longer.reserve(ready_.size() + std::max(bytes.size(), kStep));
    longer = ready_;
    ready_ = std::move(longer);
  }
  ready_ += bytes;
}

void Job::end() {
  {
    const std::lock_guard lock(mutex_);
    if (ended_) return;
    if (shape_ == Shape::kNone) {
      shape_ = Shape::kWhole;
      ready_ = print_response(problem({ErrorCode::kInternal, {}}), wire());
    }
    // A stream that was cut must not look whole.
    if (shape_ != Shape::kWhole && !stop_.stop_requested()) ready_ += stream_end(head_.version);
    ended_ = true;
  }
  wake_();
}

Job::Ready Job::take() {
  const std::lock_guard lock(mutex_);
  leaving_ = ready_.size();
  return {.bytes = std::exchange(ready_, {}),
          .ended = ended_,
          .whole = shape_ == Shape::kWhole,
          .streams = shape_ == Shape::kEvents};
}

std::string Job::ping() const {
  return print_piece(": ping\n\n", head_.version);
}

std::size_t Job::queued() const {
  const std::lock_guard lock(mutex_);
  return ready_.size() + leaving_;
}

void Job::abandon() {
  stop_.request_stop();
}

}  // namespace dramatis::server
