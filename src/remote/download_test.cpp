#include "remote/download.h"

#include <atomic>
#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.h"
#include "base/testing/scratch_folder.h"
#include "remote/address.h"
#include "remote/hub.h"
#include "remote/testing/scripted_server.h"

namespace dramatis::remote {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::Not;

// "abc" by FIPS 180-2, and the file of these tests.
constexpr char kAbcHash[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

std::string whole_file() {
  std::string bytes = "GGUF";
  for (int n = 0; bytes.size() < 100'000; ++n) bytes += fmt::format("{};", n * 7);
  return bytes;
}

std::string ok(const std::string& body, const std::string& more = "ETag: \"v1\"\r\n") {
  return answer(200, "application/octet-stream", body, more);
}
// The head of an answer that promises `length` bytes.
std::string promise(std::size_t length, const std::string& more = "ETag: \"v1\"\r\n") {
  return fmt::format("HTTP/1.1 200 OK\r\n{}Content-Length: {}\r\n\r\n", more, length);
}
std::string rest(const std::string& body, std::size_t from, const std::string& more = "") {
  return answer(206, "application/octet-stream", body.substr(from),
                fmt::format("ETag: \"v1\"\r\nContent-Range: bytes {}-{}/{}\r\n{}", from,
                            body.size() - 1, body.size(), more));
}
std::size_t asked_from(const Seen& seen) {
  const auto at = seen.head.find("Range: bytes=");
  return at == std::string::npos ? 0 : std::stoul(seen.head.substr(at + 13));
}

class Downloads : public ::testing::Test {
 protected:
  [[nodiscard]] DownloadRequest request(const ScriptedServer& server) const {
    return {.address = server.url() + "/file.gguf",
            .to = home_ / "file.gguf",
            .connect_timeout = std::chrono::milliseconds(2000),
            .idle_timeout = std::chrono::milliseconds(2000),
            .retry_pause = std::chrono::milliseconds(0)};
  }
  [[nodiscard]] Error refused(const DownloadRequest& asked) const {
    const auto done = download(asked, clock_, {});
    EXPECT_FALSE(done);
    EXPECT_FALSE(std::filesystem::exists(asked.to));
    return done ? Error{ErrorCode::kInternal, "it succeeded"} : done.error();
  }
  [[nodiscard]] std::string content() const {
    return read_text_file(home_ / "file.gguf", 1 << 20).value_or("(none)");
  }
  [[nodiscard]] std::size_t files_left() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(home_), {}));
  }

  ScratchFolder scratch_;
  std::filesystem::path home_ = scratch_.path();
  SystemClock clock_;
};

TEST_F(Downloads, FetchesAndChecksAFile) {
  ScriptedServer server([](std::size_t, const Seen&) { return Answer{send(ok("abc"))}; });
  auto asked = request(server);
  std::uint64_t told = 0;
  asked.progress = [&](std::uint64_t here, std::uint64_t) { told = here; };
  const auto unknown = download(asked, clock_, {}).value();
  EXPECT_EQ(unknown.sha256, kAbcHash);
  EXPECT_FALSE(unknown.is_verified);
  EXPECT_EQ(told, 3U);
  asked.sha256 = "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD";
  EXPECT_TRUE(download(asked, clock_, {}).value().is_verified);
  EXPECT_EQ(content(), "abc");
  EXPECT_EQ(files_left(), 1U);
  EXPECT_THAT(server.seen()[0].head, HasSubstr("GET /v1/file.gguf HTTP/1.1"));
}

TEST_F(Downloads, GoesOnWhereTheLineBroke) {
  const auto file = whole_file();
  ScriptedServer server([&](std::size_t number, const Seen& seen) -> Answer {
    const auto from = asked_from(seen);
    EXPECT_EQ(from != 0, seen.head.find("If-Range: \"v1\"") != std::string::npos);
    if (number == 0) return {send(promise(file.size()) + file.substr(0, 30'000))};
    if (number == 1) return {send(rest(file, from).substr(0, 20'000)), reset()};
    return {send(rest(file, from))};
  });
  const auto done = download(request(server), clock_, {}).value();
  EXPECT_EQ(done.bytes, file.size());
  EXPECT_EQ(done.found, 0U);
  EXPECT_EQ(content(), file);
  EXPECT_EQ(server.seen().size(), 3U);
}

TEST_F(Downloads, GoesOnInALaterCall) {
  const auto file = whole_file();
  std::atomic<bool> is_broken = true;
  ScriptedServer server([&](std::size_t number, const Seen& seen) -> Answer {
    if (number == 0) return {send(promise(file.size()) + file.substr(0, 40'000))};
    if (is_broken) return {reset()};
    return {send(rest(file, asked_from(seen)))};
  });
  EXPECT_EQ(refused(request(server)).code, ErrorCode::kUnavailable);
  EXPECT_EQ(std::filesystem::file_size(home_ / "file.gguf.part"), 40'000U);
  is_broken = false;
  const auto done = download(request(server), clock_, {}).value();
  EXPECT_EQ(done.found, 40'000U);
  EXPECT_EQ(content(), file);
  EXPECT_EQ(files_left(), 1U);
}

TEST_F(Downloads, BeginsAnewWhereTheFileIsAnother) {
  const auto file = whole_file();
  const auto other = file + "more";
  ScriptedServer server([&](std::size_t number, const Seen&) -> Answer {
    if (number == 0) return {send(promise(file.size()) + file.substr(0, 40'000))};
    if (number < 5) return {reset()};
    return {send(ok(other, "ETag: \"v2\"\r\n"))};  // If-Range did not hold
  });
  EXPECT_FALSE(download(request(server), clock_, {}));
  EXPECT_EQ(download(request(server), clock_, {}).value().found, 0U);
  EXPECT_EQ(content(), other);
}

TEST_F(Downloads, BelievesNoWrongRange) {
  const auto file = whole_file();
  ScriptedServer server([&](std::size_t number, const Seen& seen) -> Answer {
    const auto from = asked_from(seen);
    if (number == 0) return {send(promise(file.size()) + file.substr(0, 40'000))};
    if (number == 1) return {send(rest(file, from + 1))};
    if (number == 2) return {send(promise(file.size()) + file.substr(0, 50'000))};
    if (number == 3) return {send(answer(416, "text/plain", ""))};
    return {send(ok(file))};
  });
  EXPECT_EQ(download(request(server), clock_, {}).value().bytes, file.size());
  EXPECT_EQ(content(), file);
}

TEST_F(Downloads, DoesNotJoinHalvesThatNothingHoldsTogether) {
  const auto file = whole_file();
  ScriptedServer server([&](std::size_t number, const Seen& seen) -> Answer {
    EXPECT_EQ(asked_from(seen), 0U);
    if (number == 0)
      return {send(promise(file.size(), "ETag: W/\"v1\"\r\n") + file.substr(0, 999))};
    return {send(ok(file, ""))};
  });
  EXPECT_TRUE(download(request(server), clock_, {}));
  EXPECT_EQ(content(), file);
}

TEST_F(Downloads, ThrowsAWrongHashAway) {
  ScriptedServer server([](std::size_t, const Seen&) { return Answer{send(ok("abd"))}; });
  auto asked = request(server);
  asked.sha256 = kAbcHash;
  const auto error = refused(asked);
  EXPECT_EQ(error.code, ErrorCode::kCorrupt);
  EXPECT_THAT(error.what, HasSubstr(kAbcHash));
  EXPECT_EQ(files_left(), 0U);
  asked.sha256 = "abc";
  EXPECT_EQ(refused(asked).code, ErrorCode::kInvalidArgument);
}

TEST_F(Downloads, BelievesTheHashAndSizeOfTheFirstHost) {
  ScriptedServer store([](std::size_t, const Seen& seen) -> Answer {
    EXPECT_THAT(seen.head, HasSubstr("GET /blob?sig=a%2Fb&x=1 HTTP/1.1"));
    return {send(ok("abc", "ETag: \"other\"\r\nx-linked-etag: \"0000\"\r\n"))};
  });
  const auto hub = [&](std::string hash, int size) {
    return [&store, hash = std::move(hash), size](std::size_t, const Seen&) -> Answer {
      return {send(answer(302, "text/plain", "",
                          fmt::format("Location: http://127.0.0.1:{}/blob?sig=a%2Fb&x=1\r\n"
                                      "X-Linked-Etag: \"{}\"\r\nX-Linked-Size: {}\r\n",
                                      store.port(), hash, size)))};
    };
  };
  ScriptedServer right(hub(kAbcHash, 3));
  EXPECT_TRUE(download(request(right), clock_, {}).value().is_verified);
  std::filesystem::remove(home_ / "file.gguf");
  ScriptedServer wrong(hub(std::string(64, '0'), 3));
  EXPECT_EQ(refused(request(wrong)).code, ErrorCode::kCorrupt);
  ScriptedServer longer(hub(kAbcHash, 4));
  const auto error = refused(request(longer));
  EXPECT_EQ(error.code, ErrorCode::kCorrupt);
  EXPECT_THAT(error.what, HasSubstr("3 bytes; 4 were expected"));
}

TEST_F(Downloads, FollowsNobodyToWhereItCannotBeTrusted) {
  const auto sent_to = [&](const std::string& location) {
    ScriptedServer server([&](std::size_t, const Seen&) {
      return Answer{send(answer(302, "text/plain", "", "Location: " + location + "\r\n"))};
    });
    return refused(request(server));
  };
  for (const char* location : {"file:///etc/passwd", "ftp://example.org/a", "//example.org/a", "",
                               "http://user@example.org/a", "http://example.org/a"}) {
    EXPECT_EQ(sent_to(location).code, ErrorCode::kRefused) << location;
  }
  EXPECT_THAT(sent_to("/v1/file.gguf").what, HasSubstr("more than 5 times"));
}

TEST(Redirect, NeverLeavesEncryptionAndNeverTurnsInwards) {
  const auto from = parse_address("https://huggingface.co/a/b/resolve/main/c.gguf").value();
  EXPECT_EQ(redirect(from, "/api/x?y=1").value().shown(), "https://huggingface.co:443/api/x");
  EXPECT_EQ(redirect(from, "/api/x?y=1").value().target(), "/api/x?y=1");
  EXPECT_TRUE(redirect(from, "https://cdn.example.org/b?Signature=a~b_&Policy=x-"));
  for (const char* to :
       {"http://huggingface.co/a", "https://127.0.0.1/a", "https://localhost:8077/a",
        "https://[::1]/a", "file:///a", "javascript:alert(1)", "https://"}) {
    EXPECT_EQ(redirect(from, to).error().code, ErrorCode::kRefused) << to;
  }
  EXPECT_EQ(
      redirect(parse_address("http://example.org/a").value(), "http://127.0.0.1/a").error().code,
      ErrorCode::kRefused);
}

TEST(Address, RefusesWhatNoRequestLineHolds) {
  EXPECT_FALSE(parse_address("https://a/b?c d"));
  EXPECT_FALSE(parse_address("https://a/b?c\r\nHost: x"));
  EXPECT_FALSE(parse_address("https://a/b?c#d"));
  EXPECT_FALSE(parse_address("https://a/b?" + std::string(9000, 'a')));
  EXPECT_FALSE(parse_address("hf:a/b"));
}

TEST_F(Downloads, FetchesNothingInTheOpenFromElsewhere) {
  DownloadRequest asked{.address = "http://example.org/file.gguf", .to = home_ / "file.gguf"};
  const auto error = refused(asked);
  EXPECT_EQ(error.code, ErrorCode::kRefused);
  EXPECT_THAT(error.what, HasSubstr("not encrypted"));
}

TEST_F(Downloads, TellsStatusesApart) {
  const auto status = [&](int number) {
    ScriptedServer server([&](std::size_t, const Seen&) {
      return Answer{send(answer(number, "text/html", "<h1>secret page</h1>"))};
    });
    const auto error = refused(request(server));
    EXPECT_THAT(error.what, Not(HasSubstr("<")));
    return error.code;
  };
  EXPECT_EQ(status(404), ErrorCode::kNotFound);
  EXPECT_EQ(status(401), ErrorCode::kRefused);
  EXPECT_EQ(status(403), ErrorCode::kRefused);
  EXPECT_EQ(status(503), ErrorCode::kUnavailable);
  EXPECT_EQ(status(204), ErrorCode::kCorrupt);
}

TEST_F(Downloads, BoundsABodyWithoutEnd) {
  ScriptedServer server([](std::size_t, const Seen&) {
    return Answer{send(fmt::format("HTTP/1.1 200 OK\r\n\r\n{:x>1000000}", ""))};
  });
  auto asked = request(server);
  EXPECT_EQ(refused(asked).code, ErrorCode::kCorrupt);  // neither length nor hash
  asked.sha256 = kAbcHash;
  asked.most_bytes = 50'000;
  EXPECT_EQ(refused(asked).code, ErrorCode::kOverBudget);
  ScriptedServer claims(
      [](std::size_t, const Seen&) { return Answer{send(promise(std::size_t{1} << 60) + "abc")}; });
  EXPECT_EQ(refused(request(claims)).code, ErrorCode::kOverBudget);
  ScriptedServer longer(
      [](std::size_t, const Seen&) { return Answer{send("HTTP/1.1 200 OK\r\n\r\nabcd")}; });
  asked = request(longer);
  asked.bytes = 3;
  EXPECT_EQ(refused(asked).code, ErrorCode::kCorrupt);
}

TEST_F(Downloads, GivesUpOnAServerThatNeverSpeaks) {
  ScriptedServer server([](std::size_t, const Seen&) { return Answer{hold()}; });
  auto asked = request(server);
  asked.idle_timeout = std::chrono::milliseconds(10);
  EXPECT_EQ(refused(asked).code, ErrorCode::kDeadline);
  const std::string file(100'000, 'x');
  ScriptedServer drips([&](std::size_t, const Seen& seen) -> Answer {
    const auto from = asked_from(seen);
    const auto whole = from == 0 ? ok(file) : rest(file, from);
    return {send(whole.substr(0, whole.find("\r\n\r\n") + 4 + 10)), reset()};
  });
  EXPECT_EQ(refused(request(drips)).code, ErrorCode::kUnavailable);
}

TEST_F(Downloads, OneAtATimeForAFile) {
  ScriptedServer server([](std::size_t, const Seen&) { return Answer{send(ok("abc"))}; });
  auto asked = request(server);
  ErrorCode inner = ErrorCode::kInternal;
  asked.progress = [&](std::uint64_t, std::uint64_t) {
    auto second = request(server);
    const auto done = download(second, clock_, {});
    if (!done) inner = done.error().code;
  };
  EXPECT_TRUE(download(asked, clock_, {}));
  EXPECT_EQ(inner, ErrorCode::kConflict);
}

TEST_F(Downloads, IsStoppedAndGoesOn) {
  const auto file = whole_file();
  ScriptedServer server([&](std::size_t number, const Seen& seen) -> Answer {
    if (number == 0) return {send(promise(file.size()) + file.substr(0, 40'000)), hold()};
    return {send(rest(file, asked_from(seen)))};
  });
  std::stop_source stop;
  auto asked = request(server);
  asked.progress = [&](std::uint64_t here, std::uint64_t) {
    if (here == 40'000) stop.request_stop();
  };
  EXPECT_EQ(download(asked, clock_, stop.get_token()).error().code, ErrorCode::kCancelled);
  asked.progress = {};
  EXPECT_EQ(download(asked, clock_, {}).value().found, 40'000U);
  EXPECT_EQ(content(), file);
}

TEST_F(Downloads, ChecksCertificates) {
  const auto certificate = make_certificate("IP:127.0.0.1");
  ScriptedServer server([](std::size_t, const Seen&) { return Answer{send(ok("abc"))}; },
                        &certificate);
  auto asked = request(server);
  EXPECT_THAT(refused(asked).what, HasSubstr("is not trusted"));
  asked.trusted_pem = certificate.pem;
  EXPECT_EQ(download(asked, clock_, {}).value().bytes, 3U);
}

constexpr char kList[] = R"([
  {"type":"file","path":"README.md","size":9},
  {"type":"file","path":"m-Q4_K_M.gguf","size":7,"lfs":{"oid":"aa","size":7}},
  {"type":"file","path":"m-Q8_0.gguf","size":3,"lfs":{"oid":"bb","size":3}},
  {"type":"file","path":"big/m-f16-00001-of-00002.gguf","size":3},
  {"type":"directory","path":"x"}])";

TEST(Hub, NamesAreReadStrictly) {
  EXPECT_EQ(parse_hub_name("hf:org/repo-GGUF:Q8_0").value().repository, "org/repo-GGUF");
  EXPECT_EQ(parse_hub_name("hf:org/repo:Q8_0").value().wanted, "Q8_0");
  EXPECT_EQ(parse_hub_name("hf:org/repo").value().wanted, "");
  for (const char* text : {"org/repo", "hf:repo", "hf:a/b/c", "hf:../b", "hf:a/..",
                           "hf:a/b:", "hf:a/b:../c", "hf:a b/c", "hf:a/b?c"}) {
    EXPECT_FALSE(parse_hub_name(text)) << text;
  }
}

TEST(Hub, ChoosesTheFileThatIsMeant) {
  const auto choose = [](std::string_view name) {
    return choose_hub_file(kList, parse_hub_name(name).value(), "https://huggingface.co");
  };
  const auto found = choose("hf:o/r:q8_0").value();
  EXPECT_EQ(found.address, "https://huggingface.co/o/r/resolve/main/m-Q8_0.gguf");
  EXPECT_EQ(found.bytes, 3U);
  EXPECT_EQ(found.sha256, "bb");
  EXPECT_EQ(choose("hf:o/r:m-Q4_K_M.gguf").value().path, "m-Q4_K_M.gguf");
  EXPECT_EQ(choose("hf:o/r").error().code, ErrorCode::kInvalidArgument);
  const auto missing = choose("hf:o/r:Q2_K").error();
  EXPECT_EQ(missing.code, ErrorCode::kNotFound);
  EXPECT_THAT(missing.what, HasSubstr("m-Q4_K_M.gguf, m-Q8_0.gguf"));
  EXPECT_EQ(choose("hf:o/r:big/m-f16-00001-of-00002.gguf").error().code, ErrorCode::kUnsupported);
  for (const char* list :
       {"", "{}", "[", "[1]", R"([{"path":3}])", R"([{"path":"../../m-Q8_0.gguf","size":3}])",
        R"([{"path":"m-Q8_0.gguf"}])", R"([{"path":"m-Q8_0.gguf","size":-3}])"}) {
    EXPECT_FALSE(choose_hub_file(list, {.repository = "o/r", .wanted = "Q8_0"}, "https://h"))
        << list;
  }
}

TEST_F(Downloads, FindsAndFetchesFromAHub) {
  ScriptedServer server([](std::size_t, const Seen& seen) -> Answer {
    if (seen.head.starts_with("GET /v1/api/models/o/r/tree/main?recursive=true "))
      return {send(answer(
          200, "application/json",
          fmt::format(R"([{{"path":"a b.Q8_0.gguf","size":3,"lfs":{{"oid":"{}"}}}}])", kAbcHash)))};
    EXPECT_THAT(seen.head, HasSubstr("GET /v1/o/r/resolve/main/a%20b.Q8_0.gguf "));
    return {send(ok("abc"))};
  });
  const auto file =
      find_hub_file({.repository = "o/r", .wanted = "Q8_0"}, {.endpoint = server.url()}, clock_, {})
          .value();
  auto asked = request(server);
  asked.address = file.address;
  asked.sha256 = file.sha256;
  asked.bytes = file.bytes;
  EXPECT_TRUE(download(asked, clock_, {}).value().is_verified);
}

}  // namespace
}  // namespace dramatis::remote
