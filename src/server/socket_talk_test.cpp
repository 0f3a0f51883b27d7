#include "server/socket_talk.h"

#include <functional>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/limits.h"
#include "server/socket_upgrade.h"

namespace dramatis::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Keeps what is sent, and jobs until the test runs them.
class KeptLink final : public SocketLink {
 public:
  Reader send(std::string text) override {
    sent.push_back(std::move(text));
    return gone ? Reader::kGone : Reader::kThere;
  }
  void close(CloseCode, std::string_view) override {}
  Taken give(std::function<void()> job) override {
    if (full) return Taken::kNo;
    jobs.push_back(std::move(job));
    return Taken::kYes;
  }
  void run() {
    auto ready = std::exchange(jobs, {});
    for (auto& job : ready) job();
  }
  // What was sent since the last call.
  std::vector<std::string> take() { return std::exchange(sent, {}); }

  std::vector<std::string> sent;
  std::vector<std::function<void()>> jobs;
  bool full = false;
  bool gone = false;
};

struct Talk {
  Talk() {
    talk = std::make_shared<SocketTalk>(
        link, TalkHost{.take_turn = [this](const SayFrame& frame, lm::TextSink& sink,
                                           const std::stop_token& stop)
                           -> tl::expected<text::JsonObject, text::JsonObject> {
                         if (during) during();
                         if (stop.stop_requested() || sink.write("He") == lm::Go::kStop)
                           return tl::unexpected(text::JsonObject{{"code", "cancelled"}});
                         static_cast<void>(sink.write("llo"));
                         return text::JsonObject{{"reply", "to " + frame.message}};
                       },
                       .may_stay = [] { return Stay::kYes; }});
  }
  ~Talk() { link->jobs.clear(); }  // they hold the talk, which holds the link
  void say(const std::string& id, const std::string& conversation) {
    talk->hear(R"({"type":"say","id":")" + id + R"(","conversation_id":")" + conversation +
               R"(","message":"hi"})");
  }

  std::shared_ptr<KeptLink> link = std::make_shared<KeptLink>();
  std::shared_ptr<SocketTalk> talk;
  std::function<void()> during;
};

TEST(SocketTalk, TellsOfATurnFromItsStartToItsEnd) {
  Talk talk;
  talk.say("a", "c1");
  EXPECT_TRUE(talk.link->take().empty());
  talk.link->run();
  EXPECT_THAT(talk.link->take(),
              ElementsAre(R"({"type":"started","id":"a"})", R"({"type":"thinking","id":"a"})",
                          R"({"type":"text","id":"a","text":"He"})",
                          R"({"type":"text","id":"a","text":"llo"})",
                          R"({"type":"done","id":"a","reply":"to hi"})"));
}

// W7
TEST(SocketTalk, HoldsSeveralConversationsAndOneTurnInEach) {
  Talk talk;
  talk.say("a", "c1");
  talk.say("b", "c2");
  talk.say("c", "c1");
  talk.say("a", "c3");
  EXPECT_THAT(talk.link->take(),
              ElementsAre(HasSubstr(R"("id":"c","title":"Something else is at work on it")"),
                          HasSubstr(R"("code":"conflict")")));
  talk.link->run();
  talk.link->take();
  talk.say("a", "c1");
  talk.link->run();
  EXPECT_THAT(talk.link->take().back(), HasSubstr(R"("type":"done","id":"a")"));
}

TEST(SocketTalk, CancelsATurnByItsId) {
  Talk talk;
  talk.say("a", "c1");
  talk.talk->hear(R"({"type":"cancel","id":"a"})");
  talk.talk->hear(R"({"type":"cancel","id":"b"})");
  EXPECT_THAT(talk.link->take(), ElementsAre(HasSubstr(R"("id":"b")")));
  talk.link->run();
  EXPECT_THAT(talk.link->take().back(), HasSubstr(R"("type":"error","id":"a","code":"cancelled")"));
}

TEST(SocketTalk, CancelsAllWhenItsPeerLeaves) {
  Talk talk;
  talk.say("a", "c1");
  talk.talk->leave();
  talk.link->run();
  EXPECT_THAT(talk.link->take().back(), HasSubstr("cancelled"));
}

TEST(SocketTalk, StopsWhereNobodyKeepsUp) {
  Talk talk;
  talk.link->gone = true;
  talk.say("a", "c1");
  talk.link->run();
  EXPECT_THAT(talk.link->take().back(), HasSubstr("cancelled"));
}

TEST(SocketTalk, RefusesInTimeWhatNobodyHasTimeFor) {
  Talk talk;
  talk.link->full = true;
  talk.say("a", "c1");
  EXPECT_THAT(talk.link->take(), ElementsAre(HasSubstr(R"("status":503)")));
  talk.link->full = false;
  for (std::size_t n = 0; n < kMaxSocketTurns; ++n)
    talk.say(std::to_string(n), fmt::format("c{}", n));
  EXPECT_TRUE(talk.link->take().empty());
  talk.say("more", "c-more");
  EXPECT_THAT(talk.link->take(), ElementsAre(HasSubstr(R"("status":503)")));
}

TEST(SocketTalk, IsOursWhereSomethingThrows) {
  Talk talk;
  talk.during = [] { throw std::runtime_error("sk-secret"); };
  talk.say("a", "c1");
  talk.link->run();
  const auto sent = talk.link->take();
  EXPECT_THAT(sent.back(), HasSubstr(R"("code":"internal")"));
  EXPECT_THAT(sent.back(), ::testing::Not(HasSubstr("sk-secret")));
}

TEST(SocketFrames, NameWhatIsWrong) {
  const auto refusal = [](std::string_view text) {
    const auto frame = parse_frame(text);
    EXPECT_FALSE(frame) << text;
    return frame ? std::string() : frame.error().what;
  };
  EXPECT_THAT(refusal("{"), HasSubstr("byte"));
  EXPECT_THAT(refusal("[]"), HasSubstr("object"));
  EXPECT_THAT(refusal("{}"), HasSubstr("type"));
  EXPECT_THAT(refusal(R"({"type":"shout"})"), HasSubstr("say, cancel and typing"));
  EXPECT_THAT(refusal(R"({"type":"say"})"), HasSubstr("id is missing"));
  EXPECT_THAT(refusal(R"({"type":"say","id":"","conversation_id":"c","message":"m"})"),
              HasSubstr("id"));
  EXPECT_THAT(refusal(R"({"type":"say","id":"1","message":"m"})"), HasSubstr("whom"));
  EXPECT_THAT(refusal(R"({"type":"say","id":"1","npc_id":"n","message":"m"})"), HasSubstr("whom"));
  EXPECT_THAT(
      refusal(R"({"type":"say","id":"1","conversation_id":"c","npc_id":"n","message":"m"})"),
      HasSubstr("whom"));
  EXPECT_THAT(refusal(R"({"type":"say","id":"1","conversation_id":"c"})"), HasSubstr("message"));
  EXPECT_THAT(refusal(R"({"type":"cancel","id":")" + std::string(101, 'a') + "\"}"),
              HasSubstr("100"));
  EXPECT_THAT(refusal(R"({"type":"typing","loud":true})"), HasSubstr("'loud'"));
  EXPECT_EQ(frame_id(R"({"type":"say","id":"7"})"), "7");
  EXPECT_EQ(frame_id("{"), "");
}

// W9: no words of a model end a message or begin one.
TEST(SocketFrames, WordsStayWords) {
  const std::string frame =
      print_frame("text", "1", {{"text", "\n\ndata: [DONE]\r\nevent: error\xE2\x80\xA8"}});
  EXPECT_EQ(frame.find_first_of("\r\n"), std::string::npos);
  EXPECT_TRUE(text::parse_json(frame));
}

Request upgrade(const Headers& changed = {}, std::string query = {}) {
  Request request{
      .method = "GET", .path = "/v1/ws", .query = std::move(query), .headers = {}, .body = {}};
  Headers usual{{"upgrade", "websocket"},
                {"connection", "keep-alive, Upgrade"},
                {"sec-websocket-version", "13"},
                {"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="}};
  request.headers = changed;
  for (auto& header : usual) request.headers.push_back(std::move(header));
  return request;
}

// W1
TEST(SocketUpgrade, IsOneOrIsRefused) {
  EXPECT_FALSE(judge_upgrade(upgrade()));
  EXPECT_FALSE(judge_upgrade(upgrade({{"sec-websocket-protocol", "x, dramatis.v1"}})));
  const auto status = [](const Request& request) {
    const auto refused = judge_upgrade(request);
    return refused ? refused->status : 0;
  };
  EXPECT_EQ(status(upgrade({{"sec-websocket-version", "12"}})), 426);
  EXPECT_EQ(status(upgrade({{"sec-websocket-version", ""}})), 426);
  EXPECT_EQ(status(upgrade({{"upgrade", "h2c"}})), 426);
  EXPECT_EQ(status(upgrade({{"connection", "close"}})), 426);
  for (const char* key : {"", "short", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZ!==",
                          "dGhlIHNhbXBsZSBub25jZQAAAA=="}) {
    EXPECT_EQ(status(upgrade({{"sec-websocket-key", key}})), 400) << key;
  }
  EXPECT_EQ(status(upgrade({{"sec-websocket-protocol", "chat"}})), 400);
  EXPECT_EQ(status(upgrade({}, "key=dk_owner_1")), 400);
  EXPECT_EQ(status(upgrade({}, "a=b&access_token=x")), 400);
}

}  // namespace
}  // namespace dramatis::server
