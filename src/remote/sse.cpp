// Lines end in CR, LF or CRLF; a blank one ends the event.
#include "remote/sse.h"

#include <utility>

#include <fmt/format.h>

#include "remote/limits.h"

namespace dramatis::remote {

Status SseParser::push(std::string_view bytes, std::vector<SseEvent>& out) {
  while (!bytes.empty()) {
    if (after_return_ && bytes.front() == '\n') bytes.remove_prefix(1);
    after_return_ = false;
    const std::size_t end = bytes.find_first_of("\r\n");
    const std::string_view part = bytes.substr(0, end);
    if (part.size() > kMaxLineBytes - line_.size()) {
      return fail(
          ErrorCode::kOverBudget,
          fmt::format("A line of the event stream is longer than {} bytes.", kMaxLineBytes));
    }
    line_ += part;
    if (end == bytes.npos) break;
    after_return_ = bytes[end] == '\r';
    bytes.remove_prefix(end + 1);
    DRAMATIS_DO(end_line(out));
  }
  return {};
}

Status SseParser::end_line(std::vector<SseEvent>& out) {
  const std::string whole = std::exchange(line_, {});
  std::string_view line = whole;
  if (first_line_ && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
  first_line_ = false;
  if (line.empty()) {
    dispatch(out);
    return {};
  }
  const std::size_t colon = line.find(':');
  if (colon == 0) return {};
  std::string_view value = colon == line.npos ? std::string_view() : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  return take_field(line.substr(0, colon), value);
}

Status SseParser::take_field(std::string_view name, std::string_view value) {
  if (name == "event") type_ = value;
  if (name != "data") return {};
  if (value.size() + 1 > kMaxEventBytes - data_.size()) {
    return fail(ErrorCode::kOverBudget,
                fmt::format("An event of the stream is longer than {} bytes.", kMaxEventBytes));
  }
  data_ += value;
  data_ += '\n';
  return {};
}

void SseParser::dispatch(std::vector<SseEvent>& out) {
  std::string type = std::exchange(type_, {});
  std::string data = std::exchange(data_, {});
  if (data.empty()) return;
  data.pop_back();
  out.push_back({.type = std::move(type), .data = std::move(data)});
}

}  // namespace dramatis::remote
