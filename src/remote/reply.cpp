// Holds back the shortest end that could still become a stop string.
#include "remote/reply.h"

#include <algorithm>
#include <utility>

#include "remote/limits.h"
#include "text/utf8.h"

namespace dramatis::remote {
namespace {

std::vector<std::string> joined(std::vector<std::string> first,
                                const std::vector<std::string>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

}  // namespace

std::string StopFilter::push(std::string_view piece) {
  if (stopped()) return {};
  held_ += piece;
  std::size_t first = held_.npos;
  for (std::size_t n = 0; n < stops_.size(); ++n) {
    const std::size_t at = held_.find(stops_[n]);
    if (at >= first) continue;
    first = at;
    by_ = n;
  }
  if (first != held_.npos) return std::exchange(held_, {}).substr(0, first);
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

Reply::Reply(const lm::Sampling& how, lm::TextSink& sink, const Clock& clock, TextMarks marks)
    : sink_(sink),
      clock_(clock),
      stops_(how.stop.size()),
      filter_(joined(how.stop, marks.ends)),
      leading_space_(marks.leads_with_space),
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
  if (leading_space_) {
    words.remove_prefix(std::min(words.find_first_not_of(" \t\n"), words.size()));
    leading_space_ = words.empty();
  }
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
