// Bytes of a text/event-stream -> events, however the bytes were split on their way.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace dramatis::remote {

struct SseEvent {
  std::string type;  // empty: "message"
  std::string data;  // its lines joined by newlines; as sent, not yet known to be UTF-8

  friend bool operator==(const SseEvent&, const SseEvent&) = default;
};

// Source: WHATWG HTML, 9.2.6 "Interpreting an event stream". `id` and `retry` are for reconnecting
// and are ignored. An event that the stream's end cuts short never comes out. One thread at a time.
class SseParser {
 public:
  // Appends the events that `bytes` complete. After an error the parser takes no more.
  // Errors: kOverBudget past kMaxLineBytes or kMaxEventBytes.
  [[nodiscard]] Status push(std::string_view bytes, std::vector<SseEvent>& out);

 private:
  [[nodiscard]] Status end_line(std::vector<SseEvent>& out);
  [[nodiscard]] Status take_field(std::string_view name, std::string_view value);
  void dispatch(std::vector<SseEvent>& out);

  std::string line_;  // so far
  std::string type_;
  std::string data_;  // with a newline after each data line
  bool first_line_ = true;
  bool after_return_ = false;  // a newline next belongs to the return before it
};

}  // namespace dramatis::remote
