#include "remote/remote_model.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lm/testing/scripted_model.h"
#include "remote/limits.h"
#include "remote/testing/stage.h"
#include "text/json.h"

namespace dramatis::remote {
namespace {

using lm::testing::GatheringSink;
using std::chrono::milliseconds;
using testing::Answer;
using testing::brief_pause;
using testing::done;
using testing::drip;
using testing::event;
using testing::finish;
using testing::good;
using testing::greeting;
using ::testing::HasSubstr;
using testing::hold;
using testing::kKey;
using ::testing::Not;
using testing::options_for;
using testing::reset;
using testing::ScriptedServer;
using testing::Seen;
using testing::send;
using testing::Stage;
using testing::stream_head;
using testing::with_most;
using testing::with_seed;
using testing::words;

TEST(RemoteModel, StreamsAReplyAndReportsItsCost) {
  Stage stage(
      {{send(stream_head()),
        send(event(R"({"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]})")),
        send(words("Well ")), send(words("met.")), send(finish()),
        send(event(R"({"choices":[],"usage":{"prompt_tokens":11,"completion_tokens":2}})")),
        send(done())}});
  const auto said = stage.ask(with_seed(5)).value();
  EXPECT_EQ(said.text, "Well met.");
  EXPECT_EQ(stage.sink.text(), "Well met.");
  EXPECT_EQ(said.why, lm::StopReason::kEndOfTurn);
  EXPECT_EQ(said.prompt_tokens, 11u);
  EXPECT_EQ(said.generated_tokens, 2u);
  EXPECT_EQ(said.seed, 5u);
  EXPECT_GT(said.first_word.count(), 0);
  EXPECT_LE(said.first_word, said.total);
  const auto seen = stage.server.seen().at(0);
  EXPECT_THAT(seen.head, ::testing::StartsWith("POST /v1/chat/completions HTTP/1.1\r\n"));
  EXPECT_THAT(seen.head, HasSubstr("Authorization: Bearer sk-very-secret\r\n"));
  EXPECT_THAT(seen.head, HasSubstr("X-Title: tavern\r\n"));
  EXPECT_EQ(*text::parse_json(seen.body).value().find("model")->as_string(), "m");
}

TEST(RemoteModel, ReadsAWholeAnswer) {
  Stage stage(
      {{send(testing::answer(
          200, "application/json; charset=utf-8",
          R"({"choices":[{"index":0,"message":{"role":"assistant","content":"Well met.","reasoning_content":"hm"},"finish_reason":"length"}]})"))}},
      [](RemoteOptions& options) { options.stream = Streaming::kOff; });
  const auto said = stage.ask().value();
  EXPECT_EQ(said.text, "Well met.");
  EXPECT_EQ(said.why, lm::StopReason::kLength);
  EXPECT_THAT(stage.server.seen().at(0).body, HasSubstr(R"("stream":false)"));
}

TEST(RemoteModel, ReadsChunkedTransferSplitAnywhere) {
  const std::string body = words("h\xC3\xA9") + finish() + done();
  std::string chunked =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const char c : body) chunked += "1\r\n" + std::string(1, c) + "\r\n";
  chunked += "0\r\n\r\n";
  Stage stage({{send(chunked)}});
  EXPECT_EQ(stage.ask().value().text, "h\xC3\xA9");
}

// A read ends where the network likes: in the head, in a chunk's length, before the line end that
// follows a chunk.
TEST(RemoteModel, ReadsWhatArrivesByteByByte) {
  const auto chunk = [](const std::string& bytes) {
    return fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes);
  };
  Stage stage({{send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Enc"),
                testing::brief_pause(), send("oding: chunked\r\n\r\n"), testing::brief_pause(),
                testing::drip(chunk(words("Well "))), send(chunk(words("met."))),
                testing::brief_pause(), send(chunk(finish() + done()) + "0\r\n\r\n")}});
  EXPECT_EQ(stage.ask().value().text, "Well met.");
}

TEST(RemoteModel, GivesUpOnAChunkLineWithoutEnd) {
  Stage stage({{send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                     "Transfer-Encoding: chunked\r\n\r\n1;" +
                     std::string(100'000, 'x')),
                testing::hold()}});
  EXPECT_EQ(stage.failure().code, ErrorCode::kCorrupt);
}

// B1: a certificate that is not trusted, expired or another host's; nothing is tried again, nor in
// plain.
TEST(RemoteModel, TrustsNoCertificateThatItWasNotTold) {
  const auto certificate = testing::make_certificate("IP:127.0.0.1");
  const auto other_host = testing::make_certificate("DNS:elsewhere.example");
  const auto expired = testing::make_certificate("IP:127.0.0.1", 60);
  const auto ask = [](const testing::Certificate& shown, const std::string& trusted) {
    ScriptedServer server([](std::size_t, const Seen&) { return good(); }, &shown);
    RemoteOptions options = options_for(server.url());
    options.trusted_pem = trusted;
    const SystemClock clock;
    const auto model = RemoteModel::open(std::move(options), Rng(1), clock).value();
    GatheringSink sink;
    const auto said = model->generate(greeting(), {}, sink, {});
    EXPECT_EQ(server.seen().size(), said ? 1u : 0u);
    return said ? said->text : said.error().what;
  };
  EXPECT_EQ(ask(certificate, certificate.pem), "Well met.");
  EXPECT_THAT(ask(certificate, ""), HasSubstr("is not trusted"));
  EXPECT_THAT(ask(other_host, other_host.pem), HasSubstr("another host's"));
  EXPECT_THAT(ask(expired, expired.pem), HasSubstr("is not trusted"));
}

// B1: nobody listens.
TEST(RemoteModel, IsUnavailableWhereNobodyListens) {
  int port = 0;
  {
    port = ScriptedServer([](std::size_t, const Seen&) { return good(); }).port();
  }
  const SystemClock clock;
  const auto model =
      RemoteModel::open(options_for(fmt::format("http://127.0.0.1:{}", port)), Rng(1), clock)
          .value();
  GatheringSink sink;
  EXPECT_EQ(model->generate(greeting(), {}, sink, {}).error().code, ErrorCode::kUnavailable);
}

// B2: no header, or one byte by byte.
TEST(RemoteModel, DoesNotWaitForEverForAFirstByte) {
  const auto hurry = [](RemoteOptions& options) {
    options.connect_timeout = milliseconds(10);
    options.first_byte_timeout = milliseconds(20);
  };
  EXPECT_EQ(Stage({{hold()}}, hurry).failure().code, ErrorCode::kUnavailable);
  EXPECT_EQ(Stage({{drip(stream_head() + words("a"))}}, hurry).failure().code,
            ErrorCode::kUnavailable);
  EXPECT_EQ(Stage({{send(stream_head()), hold()}}, hurry).failure().code, ErrorCode::kUnavailable);
}

// B3: comments are no events.
TEST(RemoteModel, IsNotKeptWaitingByComments) {
  Answer pings{send(stream_head() + words("one"))};
  for (int n = 0; n < 60; ++n) {
    pings.push_back(send(": ping\n\n"));
    pings.push_back(brief_pause());
  }
  Stage stage({pings}, [](RemoteOptions& options) { options.idle_timeout = milliseconds(30); });
  const Error error = stage.failure();
  EXPECT_EQ(error.code, ErrorCode::kUnavailable);
  EXPECT_THAT(error.what, HasSubstr("sent no event for 30 ms"));
  EXPECT_EQ(stage.sink.text(), "one");
  EXPECT_EQ(stage.server.seen().size(), 1u);
}

// B4: an end that was not announced.
TEST(RemoteModel, CallsAReplyThatBreaksOffIncomplete) {
  for (const Answer& broken :
       {Answer{send(stream_head() + words("one"))},
        Answer{send(stream_head() + words("one") + "data: {\"cho"), reset()},
        Answer{send(stream_head() + words("one") + done())},
        Answer{send(
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 9999\r\n\r\n" +
            words("one"))}}) {
    Stage stage({broken});
    EXPECT_EQ(stage.failure().code, ErrorCode::kUnavailable);
    EXPECT_EQ(stage.server.seen().size(), 1u) << "asked again after a word was heard";
  }
  Stage whole(
      {{send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
             "9999\r\n\r\n{\"choices\":[]}")}});
  EXPECT_EQ(whole.failure().code, ErrorCode::kUnavailable);
}

// B5: a socket held open after the end.
TEST(RemoteModel, IsCompleteOnceItFinishedThoughTheSocketStaysOpen) {
  Stage held({{send(stream_head() + words("one") + finish()), hold()}});
  EXPECT_EQ(held.ask().value().text, "one");
  Stage closed({{send(stream_head() + words("one") + finish())}});
  EXPECT_EQ(closed.ask().value().text, "one");
  Stage torn({{send(stream_head() + words("one") + finish()), brief_pause(), reset()}});
  EXPECT_EQ(torn.ask().value().text, "one");
}

// B6: streams, lines and events without end.
TEST(RemoteModel, BoundsWhatAnEndlessServiceCanSend) {
  const std::string megabyte(1024 * 1024, 'x');
  EXPECT_EQ(Stage({{send(stream_head() + "data: "), send(megabyte)}}).failure().code,
            ErrorCode::kOverBudget);
  Answer lines{send(stream_head())};
  for (int n = 0; n < 20; ++n) {
    std::string many;
    for (int line = 0; line < 10'000; ++line) many += "data: 123456\n";
    lines.push_back(send(many));
  }
  EXPECT_EQ(Stage({lines}).failure().code, ErrorCode::kOverBudget);
  Answer comments{send(stream_head())};
  std::string comment(64 * 1024, ':');
  comment.back() = '\n';
  for (std::size_t n = 0; n * comment.size() <= kMaxResponseBytes; ++n) {
    comments.push_back(send(comment));
  }
  EXPECT_EQ(Stage({comments}).failure().code, ErrorCode::kOverBudget);
  EXPECT_EQ(Stage({{send("HTTP/1.1 200 OK\r\nX: " + megabyte)}}).failure().code,
            ErrorCode::kCorrupt);
  Answer talkative{send(stream_head())};
  for (int n = 0; n < 100; ++n) talkative.push_back(send(words(std::string(1000, 'a'))));
  talkative.push_back(hold());
  Stage stage({talkative});
  const auto said = stage.ask(with_most(10)).value();
  EXPECT_EQ(said.why, lm::StopReason::kLength);
  EXPECT_EQ(said.text.size(), kMinReplyBytes);
}

// B11: pages, broken JSON, bytes of another kind.
TEST(RemoteModel, TakesNoNonsenseForAReply) {
  const std::string page = "<html><script>alert('sk-very-secret')</script></html>";
  for (const Answer& nonsense :
       {Answer{send(testing::answer(200, "text/html", page))},
        Answer{send(testing::answer(200, "application/json", page))},
        Answer{send(testing::answer(200, "application/json", R"({"choices":[{"mess)"))},
        Answer{send(testing::answer(200, "application/json", "\xEF\xBB\xBF{}"))},
        Answer{send(testing::answer(200, "application/json", R"({"choices":[]})"))},
        Answer{send(testing::answer(200, "application/json", "\x1f\x8b\x08",
                                    "Content-Encoding: gzip\r\n"))},
        Answer{send(stream_head() + event("{\"choices\":[{\"delta\":{\"content\":\"\xFF\"}}]}"))},
        Answer{send(stream_head() + event(R"({"choices":[{"delta":{"content":"\ud83d"}}]})"))},
        Answer{send(stream_head() + event(page))}, Answer{send("SSH-2.0-OpenSSH_9.2\r\n")},
        Answer{send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: "
                    "text/event-stream\r\n\r\nZZ\r\n")}}) {
    EXPECT_EQ(Stage({nonsense}).failure().code, ErrorCode::kCorrupt);
  }
}

// B12 and B17: a failure in the middle, with our key in it.
TEST(RemoteModel, EndsTheReplyAtAnErrorInTheMiddle) {
  Stage stage(
      {{send(stream_head() + words("one") +
             event(R"({"error":{"message":"out of memory for sk-very-secret","code":500}})") +
             words("two") + finish() + done())}});
  const Error error = stage.failure();
  EXPECT_EQ(error.code, ErrorCode::kUnavailable);
  EXPECT_THAT(error.what, HasSubstr("out of memory for [key]"));
  EXPECT_EQ(stage.sink.text(), "one");
}

TEST(RemoteModel, KeepsTheCallersDeadlineOverEverything) {
  const auto soon = [] {
    lm::Sampling how;
    how.deadline = std::chrono::steady_clock::now() + milliseconds(30);
    return how;
  };
  EXPECT_EQ(Stage({{hold()}}).failure(soon()).code, ErrorCode::kDeadline);
  EXPECT_EQ(Stage({{send(stream_head() + words("a")), hold()}}).failure(soon()).code,
            ErrorCode::kDeadline);
  EXPECT_EQ(Stage({{send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"),
                    drip(std::string(100, ' '))}},
                  [](RemoteOptions& options) { options.stream = Streaming::kOff; })
                .failure(soon())
                .code,
            ErrorCode::kDeadline);
}

// B19: the player leaves.
TEST(RemoteModel, HangsUpWhenStopped) {
  Stage stage({{send(stream_head() + words("a")), hold()}});
  class StoppingSink final : public lm::TextSink {
   public:
    explicit StoppingSink(std::stop_source& stop) : stop_(stop) {}
    lm::Go write(std::string_view) override {
      stopper_ = std::jthread([this] { stop_.request_stop(); });
      return lm::Go::kOn;
    }

   private:
    std::stop_source& stop_;
    std::jthread stopper_;
  } sink(stage.stop);
  const auto said = stage.model->generate(greeting(), {}, sink, stage.stop.get_token());
  EXPECT_EQ(said.error().code, ErrorCode::kCancelled);
  Stage before({good()});
  before.stop.request_stop();
  EXPECT_EQ(before.failure().code, ErrorCode::kCancelled);
  EXPECT_TRUE(before.server.seen().empty());
}

TEST(RemoteModel, HangsUpWhenTheListenerHasHeardEnough) {
  Stage stage({{send(stream_head() + words("a")), hold()}});
  class OneWord final : public lm::TextSink {
   public:
    lm::Go write(std::string_view) override { return lm::Go::kStop; }
  } sink;
  EXPECT_EQ(stage.model->generate(greeting(), {}, sink, {}).error().code, ErrorCode::kCancelled);
}

TEST(RemoteModel, StopsAtAStopStringTheServiceDoesNotKnow) {
  Stage stage(
      {{send(stream_head() + words("Hello.\\nPla") + words("yer: Hi") + words("more")), hold()}});
  lm::Sampling how;
  how.stop = {"\nPlayer:"};
  const auto said = stage.ask(how).value();
  EXPECT_EQ(said.text, "Hello.");
  EXPECT_EQ(stage.sink.text(), "Hello.");
  EXPECT_EQ(said.why, lm::StopReason::kStopString);
}

TEST(RemoteModel, RefusesAPromptThatCannotFitWithoutAsking) {
  Stage stage({good()}, [](RemoteOptions& options) { options.context_size = 100; });
  EXPECT_EQ(stage.failure(with_most(99)).code, ErrorCode::kOverBudget);
  EXPECT_TRUE(stage.server.seen().empty());
  EXPECT_EQ(stage.model->count_tokens("1234567").value(), 3u);
  EXPECT_EQ(stage.model->score(greeting(), {}, {}).error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(stage.model->name(), fmt::format("m at 127.0.0.1:{}", stage.server.port()));
}

TEST(RemoteModel, RefusesOptionsThatCouldForgeARequest) {
  const SystemClock clock;
  const auto open = [&](std::function<void(RemoteOptions&)> change) {
    RemoteOptions options = options_for("http://localhost:1/v1");
    change(options);
    return RemoteModel::open(std::move(options), Rng(1), clock).has_value();
  };
  EXPECT_TRUE(open([](RemoteOptions&) {}));
  EXPECT_FALSE(open([](RemoteOptions& o) { o.headers = {{"X", "a\r\nY: b"}}; }));
  EXPECT_FALSE(open([](RemoteOptions& o) { o.headers = {{"X: y\r\nZ", "a"}}; }));
  EXPECT_FALSE(open([](RemoteOptions& o) { o.headers = {{"content-length", "0"}}; }));
  EXPECT_FALSE(open([](RemoteOptions& o) { o.key = "a\nb"; }));
  EXPECT_FALSE(open([](RemoteOptions& o) { o.model = ""; }));
  EXPECT_FALSE(open([](RemoteOptions& o) { o.trusted_pem = "no certificate"; }));
}

}  // namespace
}  // namespace dramatis::remote
