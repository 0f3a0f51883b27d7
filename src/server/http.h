// A request and its answer as handlers see them: no socket, no parser.
#pragma once

#include <cstddef>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dramatis::server {

using Headers = std::vector<std::pair<std::string, std::string>>;

// All of it is ASCII but the body.
struct Request {
  std::string method{};
  std::string path{};   // begins with '/'; not decoded
  std::string query{};  // after the '?'; not decoded
  Headers headers{};    // names in lower case, values trimmed
  std::string body{};
  std::size_t door = 0;  // by which it came: 0 is the service's own port, others are further ones

  // Empty where it is absent. Of several the first; those that could be read two ways were refused.
  [[nodiscard]] std::string_view header(std::string_view name) const;
  // The value of `name` in the query, or empty.
  [[nodiscard]] std::string_view parameter(std::string_view name) const;
};

struct Response {
  int status = 200;
  std::string content_type{};  // empty: no content
  std::string body{};
  Headers headers{};
};

enum class Reader { kThere, kGone };

// Where a handler's answer goes: one response, or a stream of events. Called by one thread at a
// time.
class Answer {
 public:
  Answer() = default;
  Answer(const Answer&) = delete;
  Answer& operator=(const Answer&) = delete;
  virtual ~Answer() = default;

  // The whole answer. Checked: nothing was answered yet.
  virtual void respond(Response response) = 0;
  // An event of a text/event-stream, which the first one begins. `data` has no line breaks. Never
  // blocks. kGone: the reader left, or does not keep up.
  virtual Reader send_event(std::string_view type, std::string_view data) = 0;
  // Bytes of a stream of any kind, which the first ones begin; `content_type` is the same at every
  // call. Never blocks. kGone as above. Not mixed with send_event().
  virtual Reader send_piece(std::string_view content_type, std::string_view bytes) = 0;
  // Requested when the reader leaves or the service ends.
  [[nodiscard]] virtual std::stop_token stop() const = 0;
};

}  // namespace dramatis::server
