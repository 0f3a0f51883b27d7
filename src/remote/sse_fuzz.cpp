// The first byte is the size of the pieces; the events must not depend on it.
#include <algorithm>
#include <cstdint>

#include "base/check.h"
#include "remote/sse.h"

namespace {

struct Outcome {
  bool whole;
  std::vector<dramatis::remote::SseEvent> events;

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome parse_in_pieces(std::string_view bytes, std::size_t size) {
  dramatis::remote::SseParser parser;
  Outcome outcome{.whole = true, .events = {}};
  for (std::size_t at = 0; at < bytes.size() && outcome.whole; at += size) {
    outcome.whole = parser.push(bytes.substr(at, size), outcome.events).has_value();
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Outcome whole = parse_in_pieces(bytes, std::max<std::size_t>(bytes.size(), 1));
  DRAMATIS_CHECK(parse_in_pieces(bytes, 1 + data[0]) == whole);
  DRAMATIS_CHECK(parse_in_pieces(bytes, 1) == whole);
  return 0;
}
