#include "remote/sse.h"

#include <gtest/gtest.h>

#include "remote/limits.h"

namespace dramatis::remote {
namespace {

using namespace std::string_view_literals;

// The events of `bytes`, which are the same however they are split.
std::vector<SseEvent> events_of(std::string_view bytes) {
  std::vector<SseEvent> whole;
  SseParser at_once;
  EXPECT_TRUE(at_once.push(bytes, whole));
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    std::vector<SseEvent> pieces;
    SseParser parser;
    for (std::size_t at = 0; at < bytes.size(); at += size) {
      EXPECT_TRUE(parser.push(bytes.substr(at, size), pieces));
    }
    EXPECT_EQ(pieces, whole) << "in pieces of " << size;
  }
  return whole;
}

using Events = std::vector<SseEvent>;

// B13: line ends, here and below.
TEST(SseParser, EndsLinesAtReturnNewlineOrBoth) {
  const Events expected{{"", "a"}, {"", "b"}};
  EXPECT_EQ(events_of("data: a\n\ndata: b\n\n"), expected);
  EXPECT_EQ(events_of("data: a\r\rdata: b\r\r"), expected);
  EXPECT_EQ(events_of("data: a\r\n\r\ndata: b\r\n\r\n"), expected);
  EXPECT_EQ(events_of("data: a\n\r\ndata: b\r\n\n"), expected);
}

TEST(SseParser, JoinsDataLinesAndStripsOneSpace) {
  EXPECT_EQ(events_of("data:a\ndata:  b\ndata\n\n"), (Events{{"", "a\n b\n"}}));
  EXPECT_EQ(events_of("data:\n\n"), (Events{{"", ""}}));
}

TEST(SseParser, IgnoresCommentsUnknownFieldsIdAndRetry) {
  EXPECT_EQ(events_of(": ping\nid: a\0b\nretry: 1000000000000\nfoo: x\ndata: y\n\n"sv),
            (Events{{"", "y"}}));
  EXPECT_EQ(events_of(": ping\n\n: ping\n\n"), Events{});
}

TEST(SseParser, NamesEventsOnce) {
  EXPECT_EQ(events_of("event: error\ndata: a\n\ndata: b\n\nevent: lost\n\ndata: c\n\n"),
            (Events{{"error", "a"}, {"", "b"}, {"", "c"}}));
}

TEST(SseParser, SkipsAByteOrderMarkAtTheStartAlone) {
  EXPECT_EQ(events_of("\xEF\xBB\xBF"
                      "data: a\n\n\xEF\xBB\xBF"
                      "data: b\n\n"),
            (Events{{"", "a"}}));
}

TEST(SseParser, DropsAnEventThatTheEndCutsShort) {
  EXPECT_EQ(events_of("data: a\n\ndata: b\n"), (Events{{"", "a"}}));
}

// B6: a line without end.
TEST(SseParser, RefusesALineWithoutEnd) {
  SseParser parser;
  std::vector<SseEvent> events;
  const std::string piece(1024, 'x');
  std::size_t taken = 0;
  while (parser.push(piece, events)) taken += piece.size();
  EXPECT_EQ(taken, kMaxLineBytes);
}

// B6: an event of data lines without end.
TEST(SseParser, RefusesAnEventOfEndlessDataLines) {
  SseParser parser;
  std::vector<SseEvent> events;
  std::size_t lines = 0;
  while (parser.push("data:\n", events)) ++lines;
  EXPECT_EQ(lines, kMaxEventBytes);
  EXPECT_TRUE(events.empty());
}

}  // namespace
}  // namespace dramatis::remote
