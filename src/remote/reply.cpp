// Holds back the shortest end that could still become a stop string.
#include "remote/reply.h"

#include <algorithm>
#include <utility>

#include "remote/limits.h"
#include "text/utf8.h"

namespace dramatis::remote {

std::string StopFilter::push(std::string_view piece) {
  if (stopped_) return {};
  held_ += piece;
  std::size_t first = held_.npos;
  for (const auto& stop : stops_) first = std::min(first, held_.find(stop));
  if (first != held_.npos) {
    stopped_ = true;
    return std::exchange(held_, {}).substr(0, first);
  }
  std::size_t waits = 0;
  for (const auto& stop : stops_) {
    for (std::size_t n = std::min(stop.size() - 1, held_.size()); n > waits; --n) {
      if (std::string_view(held_).substr(held_.size() - n) == std::string_view(stop).substr(0, n))
        waits = n;
    }
  }
  const std::size_t whole = held_.size() - waits;
  std::string out = held_.substr(0, whole);
  held_.erase(0, whole);
  return out;
}

Reply::Reply(const lm::Sampling& how, lm::TextSink& sink, const Clock& clock)
    : sink_(sink),
      clock_(clock),
      filter_(how.stop),
      most_bytes_(
          std::max(kMinReplyBytes, static_cast<std::size_t>(how.max_tokens) * kMaxBytesPerToken)) {}

Heard Reply::take(std::string_view piece) {
  if (const Heard heard = pass_on(filter_.push(piece)); heard != Heard::kMore) return heard;
  return filter_.stopped() ? Heard::kEnough : Heard::kMore;
}

Heard Reply::finish() {
  return pass_on(filter_.finish());
}

Heard Reply::pass_on(std::string_view words) {
  const std::string_view fits = text::cut_at(words, most_bytes_ - text_.size());
  too_long_ = too_long_ || fits.size() < words.size();
  if (!fits.empty()) {
    if (text_.empty()) first_word_ = clock_.steady();
    text_ += fits;
    if (sink_.write(fits) == lm::Go::kStop) return Heard::kListenerLeft;
  }
  return too_long_ ? Heard::kEnough : Heard::kMore;
}

}  // namespace dramatis::remote
