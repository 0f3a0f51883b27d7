#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "remote/limits.h"
#include "remote/remote_model.h"
#include "remote/testing/stage.h"
#include "text/json.h"

namespace dramatis::remote {
namespace {

using testing::Answer;
using testing::brief_pause;
using testing::drip;
using testing::event;
using testing::greeting;
using ::testing::HasSubstr;
using testing::hold;
using testing::reset;
using testing::Seen;
using testing::send;
using testing::Stage;
using ::testing::StartsWith;
using testing::stream_head;
using testing::with_most;

std::string lines_head() {
  return "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nConnection: close\r\n\r\n";
}

// One way of asking, and how a service says things in it.
struct Speech {
  Protocol protocol;
  std::string head;
  std::function<std::string(const std::string&)> words;
  std::string finish;
  std::string failure;  // in the middle of a stream
};

std::vector<Speech> speeches() {
  return {{.protocol = Protocol::kCompletions,
           .head = stream_head(),
           .words =
               [](const std::string& text) {
                 return event(R"({"choices":[{"index":0,"text":")" + text +
                              R"(","finish_reason":null}]})");
               },
           .finish = event(R"({"choices":[{"index":0,"text":"","finish_reason":"stop"}]})") +
                     event("[DONE]"),
           .failure = event(R"({"error":{"message":"out of memory"}})")},
          {.protocol = Protocol::kOllama,
           .head = lines_head(),
           .words =
               [](const std::string& text) {
                 return R"({"message":{"role":"assistant","content":")" + text +
                        R"("},"done":false})" + "\n";
               },
           .finish = std::string(R"({"message":{"content":""},"done":true,"done_reason":"stop",)") +
                     R"("prompt_eval_count":11,"eval_count":2})" + "\n",
           .failure = std::string(R"({"error":"out of memory"})") + "\n"},
          {.protocol = Protocol::kKobold,
           .head = stream_head(),
           .words =
               [](const std::string& text) {
                 return "event: message\n" +
                        event(R"({"token":")" + text + R"(","finish_reason":null})");
               },
           .finish = "event: message\n" + event(R"({"token":"","finish_reason":"stop"})"),
           .failure = event(R"({"detail":{"msg":"out of memory"}})")}};
}

class Protocols : public ::testing::TestWithParam<std::size_t> {
 protected:
  Stage stage(std::vector<Answer> answers,
              const std::function<void(RemoteOptions&)>& change = nullptr) {
    return Stage(std::move(answers), [this, change](RemoteOptions& options) {
      options.protocol = speech_.protocol;
      if (change) change(options);
    });
  }
  // How often words were asked for; telling a service to stop is no such request.
  static std::size_t asked(const Stage& stage) {
    const auto seen = stage.server.seen();
    return static_cast<std::size_t>(std::count_if(seen.begin(), seen.end(), [](const Seen& one) {
      return one.head.find("/abort") == std::string::npos;
    }));
  }

  Speech speech_ = speeches().at(GetParam());
};

INSTANTIATE_TEST_SUITE_P(All, Protocols, ::testing::Values(0, 1, 2), [](const auto& one) {
  return std::string(std::array{"Completions", "Ollama", "Kobold"}.at(one.param));
});

TEST_P(Protocols, StreamAReply) {
  auto on = stage({{send(speech_.head), send(speech_.words("Well ")), send(speech_.words("met.")),
                    send(speech_.finish)}});
  const auto said = on.ask().value();
  EXPECT_EQ(said.text, "Well met.");
  EXPECT_EQ(on.sink.text(), "Well met.");
  EXPECT_EQ(said.why, lm::StopReason::kEndOfTurn);
  EXPECT_EQ(said.generated_tokens, 2U);
  EXPECT_THAT(on.server.seen().at(0).head, HasSubstr("Authorization: Bearer "));
}

TEST_P(Protocols, StreamAReplyByteByByte) {
  auto on = stage({{send(speech_.head), drip(speech_.words("h\xC3\xA9") + speech_.finish)}});
  EXPECT_EQ(on.ask().value().text, "h\xC3\xA9");
}

// B4: a stream that ends without saying so is no reply.
TEST_P(Protocols, TakeNoBrokenStreamForAReply) {
  const std::string words = speech_.words("one ");
  auto closed = stage({{send(speech_.head + words)}});
  EXPECT_EQ(closed.failure().code, ErrorCode::kUnavailable);
  EXPECT_EQ(closed.sink.text(), "one ");
  EXPECT_EQ(asked(closed), 1U) << "after the first word nothing is tried again";
  auto torn = stage({{send(speech_.head + words + words.substr(0, 20)), brief_pause(), reset()}});
  EXPECT_EQ(torn.failure().code, ErrorCode::kUnavailable);
}

// B10: lost before the first word, it is asked for once more.
TEST_P(Protocols, AskOnceMoreWhereTheReplyWasLost) {
  auto on = stage({{send(speech_.head), reset()},
                   {send(speech_.head + speech_.words("one") + speech_.finish)}});
  EXPECT_EQ(on.ask().value().text, "one");
}

// B3: comments and blank lines keep no stream alive.
TEST_P(Protocols, LeaveAServiceThatFallsSilent) {
  Answer pings{send(speech_.head + speech_.words("one"))};
  for (int n = 0; n < 30; ++n) {
    pings.push_back(brief_pause());
    pings.push_back(send(speech_.protocol == Protocol::kOllama ? "\n\n" : ": ping\n\n"));
  }
  pings.push_back(hold());
  auto on = stage({pings}, [](RemoteOptions& options) {
    options.idle_timeout = std::chrono::milliseconds(60);
  });
  EXPECT_THAT(on.failure().what, HasSubstr("sent no event for 60 ms"));
}

// B6: lines and answers without end.
TEST_P(Protocols, BoundWhatAnEndlessServiceSends) {
  const std::string megabyte(1024 * 1024, 'x');
  auto line = stage({{send(speech_.head + "data: "), send(megabyte)}});
  EXPECT_EQ(line.failure().code, ErrorCode::kOverBudget);
  Answer talkative{send(speech_.head)};
  for (int n = 0; n < 100; ++n) talkative.push_back(send(speech_.words(std::string(1000, 'a'))));
  talkative.push_back(hold());
  auto on = stage({talkative});
  const auto said = on.ask(with_most(10)).value();
  EXPECT_EQ(said.why, lm::StopReason::kLength);
  EXPECT_EQ(said.text.size(), kMinReplyBytes);
}

// B11: what is no such stream is no reply.
TEST_P(Protocols, TakeNoNonsenseForAReply) {
  const std::string page = "<html><script>alert('sk-very-secret')</script></html>";
  const std::string end = speech_.protocol == Protocol::kOllama ? "\n" : "\n\n";
  const std::string start = speech_.protocol == Protocol::kOllama ? "" : "data: ";
  for (const Answer& nonsense :
       {Answer{send(testing::answer(200, "text/html", page))},
        Answer{send(testing::answer(200, "application/json", page))},
        Answer{send(testing::answer(200, "application/json", R"({"results":[]})"))},
        Answer{send(speech_.head + start + page + end)},
        Answer{send(speech_.head + start + "{\"token\":\"\xFF\"}" + end)},
        Answer{send(
            testing::answer(200, "application/json", "\x1f\x8b", "Content-Encoding: gzip\r\n"))}}) {
    EXPECT_EQ(stage({nonsense}).failure().code, ErrorCode::kCorrupt);
  }
}

// B12: a failure told in the middle ends the reply.
TEST_P(Protocols, EndTheReplyAtAFailureInTheMiddle) {
  auto on = stage({{send(speech_.head + speech_.words("one") + speech_.failure +
                         speech_.words("two") + speech_.finish)}});
  EXPECT_THAT(on.failure().what, HasSubstr("out of memory"));
  EXPECT_EQ(on.sink.text(), "one");
}

// B19: who leaves is gone at once, and KoboldCpp is told by name.
TEST_P(Protocols, HangUpWhenStopped) {
  auto on = stage({{send(speech_.head + speech_.words("one")), hold()},
                   {send(testing::answer(200, "application/json", R"({"success":true})"))}});
  class StoppingSink final : public lm::TextSink {
   public:
    explicit StoppingSink(std::stop_source& stop) : stop_(stop) {}
    lm::Go write(std::string_view) override {
      stop_.request_stop();
      return lm::Go::kOn;
    }

   private:
    std::stop_source& stop_;
  } sink(on.stop);
  EXPECT_EQ(on.model->generate(greeting(), {}, sink, on.stop.get_token()).error().code,
            ErrorCode::kCancelled);
  const auto seen = on.server.seen();
  if (speech_.protocol != Protocol::kKobold) {
    EXPECT_EQ(seen.size(), 1U);
    return;
  }
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_THAT(seen[1].head, StartsWith("POST /api/extra/abort HTTP/1.1\r\n"));
  const auto first = text::parse_json(seen[0].body).value();
  const auto second = text::parse_json(seen[1].body).value();
  ASSERT_NE(first.find("genkey"), nullptr);
  EXPECT_EQ(*first.find("genkey"), *second.find("genkey"));
}

TEST_P(Protocols, FeelThePulseCheaply) {
  auto well = stage({{send(testing::answer(200, "application/json", "{}"))}});
  EXPECT_TRUE(well.model->feel_pulse(well.clock.steady() + std::chrono::seconds(2), {}));
  EXPECT_THAT(well.server.seen().at(0).head, StartsWith("GET "));
  auto shut = stage({{send(testing::answer(401, "application/json", "{}"))}});
  const auto refused = shut.model->feel_pulse(shut.clock.steady() + std::chrono::seconds(2), {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().blame, Blame::kOperator);
  auto ill = stage({{send(testing::answer(503, "application/json", "{}"))}});
  EXPECT_FALSE(ill.model->feel_pulse(ill.clock.steady() + std::chrono::seconds(2), {}));
}

TEST(Completions, EndWhereThePlayerWouldSpeak) {
  const auto words = speeches().at(0).words;
  Stage stage({{send(stream_head() + words(" \\n Well met.") + words("\\nPla") + words("yer: Hi") +
                     words("more")),
                hold()}},
              [](RemoteOptions& options) { options.protocol = Protocol::kCompletions; });
  const auto said = stage.ask().value();
  EXPECT_EQ(said.text, "Well met.");
  EXPECT_EQ(said.why, lm::StopReason::kEndOfTurn);
}

TEST(Completions, KeepTheSpaceAfterAReplysFirstWords) {
  const auto words = speeches().at(0).words;
  Stage stage({{send(stream_head() + words(" met.") + speeches().at(0).finish)}},
              [](RemoteOptions& options) { options.protocol = Protocol::kCompletions; });
  lm::Prompt asked = greeting();
  asked.reply_start = "Well";
  EXPECT_EQ(stage.model->generate(asked, {}, stage.sink, {})->text, " met.");
}

TEST(Kobold, AnswersWholeWhereItCannotStream) {
  for (const int status : {404, 405, 501}) {
    Stage stage({{send(testing::answer(status, "application/json", "{}"))},
                 {send(testing::answer(200, "application/json",
                                       R"({"results":[{"text":" Well met.\nPlayer: Hi"}]})"))}},
                [](RemoteOptions& options) {
                  options.protocol = Protocol::kKobold;
                  options.model = "";
                });
    EXPECT_EQ(stage.model->name(), fmt::format("kobold at 127.0.0.1:{}", stage.server.port()));
    EXPECT_EQ(stage.ask().value().text, "Well met.");
    EXPECT_EQ(stage.ask().value().text, "Well met.");
    const auto seen = stage.server.seen();
    ASSERT_EQ(seen.size(), 3U) << "it is asked for a stream but once";
    EXPECT_THAT(seen[0].head, StartsWith("POST /api/extra/generate/stream HTTP"));
    EXPECT_THAT(seen[2].head, StartsWith("POST /api/v1/generate HTTP"));
  }
}

TEST(Ollama, AnswersWhole) {
  Stage stage(
      {{send(testing::answer(
          200, "application/json; charset=utf-8",
          R"({"message":{"role":"assistant","content":"Well met."},"done":true,"done_reason":"length"})"))}},
      [](RemoteOptions& options) {
        options.protocol = Protocol::kOllama;
        options.stream = Streaming::kOff;
      });
  EXPECT_EQ(stage.ask().value().why, lm::StopReason::kLength);
  EXPECT_THAT(stage.server.seen().at(0).head, StartsWith("POST /api/chat HTTP"));
}

// B14: counts that cannot be are replaced by ours, and that is said.
TEST(RemoteModel, CountsForItselfWhereTheServiceTellsNonsense) {
  for (const auto& [prompt, generated] : std::vector<std::pair<const char*, const char*>>{
           {"-1", "9223372036854775807"}, {"99999999", "1"}, {"5", "99999999"}}) {
    Stage stage(
        {{send(stream_head() + testing::words("one") + testing::words("two") + testing::finish() +
               event(fmt::format(R"({{"choices":[],"usage":{{"prompt_tokens":{},)"
                                 R"("completion_tokens":{}}}}})",
                                 prompt, generated)) +
               testing::done())}});
    const auto said = stage.model->try_once(greeting(), {}, stage.sink, {});
    ASSERT_TRUE(said);
    EXPECT_LE(said->completion.prompt_tokens, 10U);
    EXPECT_LE(said->completion.generated_tokens, 2U);
    EXPECT_EQ(said->doubted, std::string_view(prompt) != "-1");
  }
}

TEST(RemoteModel, SaysWhoHasToMendAFailure) {
  const auto blame = [](int status) {
    Stage stage({{send(testing::answer(status, "application/json", "{}"))}});
    const auto said = stage.model->try_once(greeting(), {}, stage.sink, {});
    EXPECT_EQ(said.error().status, status);
    EXPECT_EQ(stage.server.seen().size(), 1U);
    return said.error().blame;
  };
  for (const int status : {401, 402, 403, 404, 307}) EXPECT_EQ(blame(status), Blame::kOperator);
  for (const int status : {400, 413, 422}) EXPECT_EQ(blame(status), Blame::kNobody);
  for (const int status : {408, 409, 429, 500, 502, 503, 529})
    EXPECT_EQ(blame(status), Blame::kService);
}

TEST_P(Protocols, GoOnFromARawText) {
  const auto words = [this](const std::string& text) {
    if (speech_.protocol != Protocol::kOllama) return speech_.words(text);
    return R"({"response":")" + text + R"(","done":false})" + "\n";
  };
  auto on = stage({{send(speech_.head), send(words(" upon")), send(words("\\nPlayer: x")),
                    send(speech_.finish)}});
  const auto said = on.model->go_on({.text = "Once"}, {}, on.sink, {}).value();
  EXPECT_EQ(said.text, " upon\nPlayer: x") << "no form of a talk cuts it";
  const auto sent = text::parse_json(on.server.seen().at(0).body).value();
  EXPECT_EQ(*sent.find("prompt")->as_string(), "Once");
}

TEST(RawText, IsNothingForAProtocolOfMessages) {
  Stage on({{send(stream_head())}});
  const auto said = on.model->go_on({.text = "Once"}, {}, on.sink, {});
  EXPECT_EQ(said.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(said.error().what, HasSubstr("completions:"));
  EXPECT_TRUE(on.server.seen().empty());
}

}  // namespace
}  // namespace dramatis::remote
