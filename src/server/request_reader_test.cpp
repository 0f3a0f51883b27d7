#include "server/request_reader.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "server/limits.h"

namespace dramatis::server {
namespace {

using namespace std::string_view_literals;

struct Outcome {
  int status = 0;  // of a refusal
  Head head{};
  std::size_t taken = 0;
  bool done = false;
};

// Reads one request in pieces of `size`.
Outcome read(std::string_view bytes, std::size_t size = 1'000'000'000) {
  RequestReader reader;
  Outcome outcome;
  std::string pending;
  std::size_t given = 0;
  while (reader.state() != RequestReader::State::kDone) {
    if (given == bytes.size()) break;
    const std::string_view piece = bytes.substr(given, size);
    pending += piece;
    given += piece.size();
    for (bool moved = true;
         moved && !pending.empty() && reader.state() != RequestReader::State::kDone;) {
      const auto taken = reader.push(pending);
      if (!taken) {
        outcome.status = taken.error().status;
        return outcome;
      }
      moved = *taken > 0;
      outcome.taken += *taken;
      pending.erase(0, *taken);
    }
  }
  outcome.done = reader.state() == RequestReader::State::kDone;
  outcome.head = reader.head();
  return outcome;
}

std::string with(const std::string& headers, const std::string& method = "POST",
                 const std::string& rest = "") {
  return method + " /a?b=c HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n" + rest;
}

TEST(RequestReader, ReadsRequestsHoweverTheyAreSplit) {
  const std::string plain = with("Content-Length: 5\r\nX-A:  b \r\n", "POST", "hello");
  const std::string chunked = with("Transfer-Encoding: chunked\r\n", "POST",
                                   "2;x=y\r\nhe\r\n3\r\nllo\r\n0\r\nT: v\r\n\r\n");
  for (const std::string& bytes : {plain, chunked}) {
    for (std::size_t size = 1; size <= bytes.size(); ++size) {
      const Outcome outcome = read(bytes + "GET / next", size);
      ASSERT_TRUE(outcome.done) << size;
      EXPECT_EQ(outcome.head.request.body, "hello");
      EXPECT_EQ(outcome.taken, bytes.size()) << "the next request was touched";
      EXPECT_EQ(outcome.head.request.path, "/a");
      EXPECT_EQ(outcome.head.request.parameter("b"), "c");
    }
  }
  EXPECT_EQ(read(plain).head.request.header("x-a"), "b");
}

// J2
TEST(RequestReader, RefusesWhatTwoReadersCouldReadDifferently) {
  for (const char* headers : {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
                              "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
                              "Transfer-Encoding: chunked, identity\r\n",
                              "Transfer-Encoding: xchunked\r\n",
                              "Transfer-Encoding: identity\r\n",
                              "Content-Length: 5\r\nContent-Length: 6\r\n",
                              "Content-Length: 5\r\nContent-Length: 5\r\n",
                              "Content-Length: +5\r\n",
                              "Content-Length: -1\r\n",
                              "Content-Length: 0x5\r\n",
                              "Content-Length: 5, 5\r\n",
                              "Content-Length: \r\n",
                              "Content-Length: 18446744073709551616\r\n",
                              "Host: y\r\n",
                              "X: a\r\n b\r\n",
                              "X : a\r\n",
                              "X\r\n",
                              ": a\r\n",
                              "X: a\nY: b\r\n",
                              "X: a\rb\r\n",
                              "X: \x01\r\n",
                              "X: \xC3\xA9\r\n",
                              "Authorization: a\r\nAuthorization: b\r\n"}) {
    EXPECT_EQ(read(with(headers)).status, 400) << headers;
  }
  EXPECT_EQ(read("GET / HTTP/1.1\r\nHost: x\r\nX: \0\r\n\r\n"sv).status, 400);
  EXPECT_EQ(read("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n").status, 400);
  EXPECT_EQ(read(with("Content-Length: 5\r\n", "GET")).status, 400);
  EXPECT_EQ(read("GET / HTTP/1.1\r\n\r\n").status, 400) << "no host";
}

// J6
TEST(RequestReader, RefusesFirstLinesOfOtherKinds) {
  for (const char* line :
       {"\r\n", "GET /\r\n", "GET  / HTTP/1.1\r\n", " GET / HTTP/1.1\r\n",
        "GET http://evil/ HTTP/1.1\r\n", "GET * HTTP/1.1\r\n", "CONNECT a:1 HTTP/1.1\r\n",
        "GET /a b HTTP/1.1\r\n", "GET / HTP/1.1\r\n", "\x16\x03\x01\x02", "\xFF\xFD\x18",
        "GET /\\..\\a HTTP/1.1\r\n", "G@T / HTTP/1.1\r\n"}) {
    EXPECT_EQ(read(std::string(line) + "Host: x\r\n\r\n").status, 400) << line;
  }
  for (const char* version : {"HTTP/0.9", "HTTP/1.2", "HTTP/2.0", "HTTP/11", "HTTP/1.10"}) {
    EXPECT_EQ(read("GET / " + std::string(version) + "\r\nHost: x\r\n\r\n").status, 505) << version;
  }
}

// J1, J4
TEST(RequestReader, BoundsEveryPart) {
  EXPECT_EQ(
      read("GET /" + std::string(kMaxTargetBytes, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n").status,
      414);
  EXPECT_EQ(read(std::string(kMaxHeaderBytes + 1, 'a')).status, 431);
  EXPECT_EQ(read("GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(100'000'000, 'a')).status, 431);
  std::string many;
  for (std::size_t n = 0; n <= kMaxHeaderLines; ++n) many += "X: a\r\n";
  EXPECT_EQ(read(with(many)).status, 431);
  EXPECT_EQ(read(with(fmt::format("Content-Length: {}\r\n", kMaxUploadBytes + 1))).status, 413)
      << "before reading";
  std::string chunks = with("Transfer-Encoding: chunked\r\n");
  for (std::size_t n = 0; n <= kMaxBodyBytes / 4096; ++n)
    chunks += "1000\r\n" + std::string(4096, 'a') + "\r\n";
  EXPECT_EQ(read(chunks).status, 413);
  EXPECT_EQ(read(with("Content-Encoding: gzip\r\nContent-Length: 1\r\n")).status, 415);
  EXPECT_EQ(read(with("Expect: a-miracle\r\n")).status, 417);
}

// J3
TEST(RequestReader, RefusesBrokenChunks) {
  for (const char* body : {"FFFFFFFFFFFFFFFF\r\n", "FFFFFFFFFFFFFFFFF\r\n", "-1\r\n", "x\r\n",
                           "2\r\nheX\r\n0\r\n\r\n", "\r\n\r\n"}) {
    const Outcome outcome = read(with("Transfer-Encoding: chunked\r\n", "POST", body));
    EXPECT_TRUE(outcome.status == 400 || outcome.status == 413) << body << outcome.status;
  }
  const std::string extension = "1;" + std::string(1024 * 1024, 'e');
  for (const std::size_t size : {std::size_t{4096}, extension.size() + 1000}) {
    EXPECT_EQ(read(with("Transfer-Encoding: chunked\r\n", "POST", extension), size).status, 400);
  }
}

TEST(RequestReader, KnowsWhetherTheConnectionGoesOn) {
  EXPECT_EQ(read(with("")).head.after, After::kKeepAlive);
  EXPECT_EQ(read(with("Connection: Close\r\n")).head.after, After::kClose);
  EXPECT_EQ(read("GET / HTTP/1.0\r\n\r\n").head.after, After::kClose);
  EXPECT_TRUE(read(with("Expect: 100-continue\r\nContent-Length: 1\r\n")).head.expects_continue);
}

}  // namespace
}  // namespace dramatis::server
