// Searches the held text anew with each piece: it is as short as the longest stop string and one
// piece.
#include "sampling/stop_matcher.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "text/utf8.h"

namespace dramatis::sampling {
namespace {

// The length of the longest end of `text` with which `stop` begins, shorter than `stop`.
std::size_t begun(std::string_view text, std::string_view stop) {
  for (std::size_t length = std::min(text.size(), stop.size() - 1); length > 0; --length) {
    if (text.ends_with(stop.substr(0, length))) return length;
  }
  return 0;
}

}  // namespace

StopMatcher::StopMatcher(std::vector<std::string> stops) : stops_(std::move(stops)) {
  for (const auto& stop : stops_) DRAMATIS_CHECK(!stop.empty());
}

std::string StopMatcher::push(std::string_view piece) {
  if (stopped_) return {};
  held_ += piece;
  std::size_t first = std::string::npos;
  std::size_t waiting = 0;
  for (const auto& stop : stops_) {
    first = std::min(first, held_.find(stop));
    waiting = std::max(waiting, begun(held_, stop));
  }
  // A string found whole counts unless another that began before it may still become whole.
  if (first != std::string::npos && held_.size() - waiting >= first) {
    stopped_ = true;
    held_.resize(first);
    return std::exchange(held_, {});
  }
  std::string free = held_.substr(0, held_.size() - waiting);
  free.resize(text::whole_prefix(free));  // a stop string may begin inside a code point
  held_.erase(0, free.size());
  return free;
}

std::string StopMatcher::finish() {
  if (stopped_) return {};
  std::size_t first = std::string::npos;
  for (const auto& stop : stops_) first = std::min(first, held_.find(stop));
  if (first != std::string::npos) {
    stopped_ = true;
    held_.resize(first);
  }
  return std::exchange(held_, {});
}

}  // namespace dramatis::sampling
