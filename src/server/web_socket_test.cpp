#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "accounts/testing/memory_keys.h"
#include "lm/testing/scripted_model.h"
#include "server/limits.h"
#include "server/socket_peer.h"
#include "server/testing/tavern.h"
#include "server/testing/web_socket_client.h"

namespace dramatis::server {
namespace {

using lm::testing::ScriptedModel;
using ::testing::HasSubstr;
using testing::Tavern;
using testing::WebSocketClient;
using Script = std::deque<Result<std::string>>;

std::string say(const std::string& id, const std::string& npc, const std::string& user) {
  return R"({"type":"say","id":")" + id + R"(","npc_id":")" + npc + R"(","user_id":")" + user +
         R"(","message":"Bread?"})";
}

TEST(WebSocket, CarriesATurn) {
  ScriptedModel model(Script{"A penny each."});
  Tavern tavern(model);
  const std::string user = tavern.make_user("Alice");
  const std::string npc = tavern.make_npc();
  WebSocketClient client(tavern.server->port(), "Sec-WebSocket-Protocol: dramatis.v1\r\n");
  ASSERT_TRUE(client.open()) << client.head();
  EXPECT_THAT(client.head(), HasSubstr("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
  EXPECT_THAT(client.head(), HasSubstr("Sec-WebSocket-Protocol: dramatis.v1"));
  client.text(say("1", npc, user));
  EXPECT_EQ(client.read_text(), R"({"type":"started","id":"1"})");
  EXPECT_EQ(client.read_text(), R"({"type":"thinking","id":"1"})");
  EXPECT_EQ(client.read_text(), R"({"type":"text","id":"1","text":"A"})");
  std::string last = client.read_text();
  while (last.find("\"text\"") != std::string::npos) last = client.read_text();
  EXPECT_THAT(last, HasSubstr(R"("type":"done","id":"1","turn_id":"trn_)"));
  EXPECT_THAT(last, HasSubstr(R"("reply":"A penny each.")"));
  EXPECT_THAT(tavern.history(npc, user).body, HasSubstr("A penny each."));
}

// W2, W3, W5: the frame, and the code with which the socket is closed (0: none was told).
TEST(WebSocket, ClosesOnFramesThatAreNone) {
  ScriptedModel model({});
  Tavern tavern(model);
  const auto closed = [&](const std::string& bytes) {
    WebSocketClient client(tavern.server->port());
    EXPECT_TRUE(client.open());
    client.raw().send(bytes);
    return client.read_close();
  };
  const auto frame = [](int first, const std::string& payload) {
    return WebSocketClient::frame(first, payload);
  };
  EXPECT_EQ(closed(std::string("\x81\x02hi", 4)), 1002) << "unmasked";
  EXPECT_EQ(closed(frame(0xC1, "x")), 1002) << "a reserved bit, as of deflate";
  EXPECT_EQ(closed(frame(0x83, "x")), 1002) << "opcode 3";
  EXPECT_EQ(closed(frame(0x8B, "x")), 1002) << "opcode 11";
  EXPECT_EQ(closed(frame(0x89, std::string(126, 'x'))), 1002) << "a long ping";
  EXPECT_EQ(closed(frame(0x09, "x")), 1002) << "half a ping";
  EXPECT_EQ(closed(frame(0x80, "x")), 1002) << "a continuation of nothing";
  EXPECT_THAT(closed("\x81" + std::string(9, '\xFF') + std::string(4, '\0')),
              ::testing::AnyOf(1002, 1009))
      << "2^64 bytes to come";
  EXPECT_EQ(closed(frame(0x81, std::string(kMaxSocketMessageBytes + 1, 'x'))), 1009);
  EXPECT_EQ(closed(frame(0x01, "\xE2\x82") + frame(0x80, "\x28")), 1007) << "no UTF-8";
  EXPECT_EQ(closed(frame(0x82, "x")), 1008) << "bytes instead of text";
  const auto close_with = [&](int code) {
    return closed(frame(0x88, {static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)}));
  };
  for (const int code : {999, 1005}) EXPECT_EQ(close_with(code), 1002) << code;
  EXPECT_NE(close_with(5000), 0) << "a code of nobody's: closed, in whatever words";
}

// W4
TEST(WebSocket, ClosesOnAFloodOfPings) {
  ScriptedModel model({});
  Tavern tavern(model);
  WebSocketClient client(tavern.server->port());
  std::string pings;
  for (int n = 0; n < 1000; ++n) pings += WebSocketClient::frame(0x89, "x");
  client.raw().send(pings);
  EXPECT_EQ(client.read_close(), 1008);
}

// W3: fragments that hold nothing, and a message that never ends.
TEST(WebSocket, ClosesOnAMessageWithoutAnEnd) {
  ScriptedModel model({});
  Tavern tavern(model, nullptr, "", {}, [](ServerOptions& options) {
    options.http.patience.socket_tick = std::chrono::milliseconds(10);
    options.http.patience.body = std::chrono::milliseconds(50);
  });
  {
    WebSocketClient client(tavern.server->port());
    client.raw().send(WebSocketClient::frame(0x01, "{"));
    EXPECT_EQ(client.read_close(), 1008) << "it drips";
  }
  {
    WebSocketClient client(tavern.server->port());
    std::string nothing = WebSocketClient::frame(0x01, "");
    for (int n = 0; n < 30'000; ++n) nothing += WebSocketClient::frame(0x00, "");
    client.raw().send(nothing);
    EXPECT_EQ(client.read_close(), 1008) << "it floods";
  }
}

// W1, X3
TEST(WebSocket, IsRefusedBeforeItBegins) {
  ScriptedModel model({});
  Tavern tavern(model);
  const auto head = [&](const std::string& more) {
    return WebSocketClient(tavern.server->port(), more).head();
  };
  EXPECT_THAT(head("Origin: https://evil.example\r\nCookie: a=b\r\n"), HasSubstr("HTTP/1.1 403 "));
  EXPECT_THAT(head("Sec-WebSocket-Protocol: chat\r\n"), HasSubstr("HTTP/1.1 400 "));
  EXPECT_THAT(tavern.ask(testing::get("/v1/ws")).head, HasSubstr("HTTP/1.1 426 "));
  testing::Client early(tavern.server->port());
  early.send(
      "GET /v1/ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\nmore");
  EXPECT_EQ(early.read_response().status, 400);
}

// U6, X9
TEST(WebSocket, ClosesWhenItsKeyIsRevoked) {
  ScriptedModel model({});
  accounts::testing::MemoryKeys keys;
  const SystemClock clock;
  const auto owner = accounts::make_key({.role = accounts::Role::kOwner}, clock).value();
  ASSERT_TRUE(keys.add(owner.key));
  Tavern tavern(model, nullptr, "", {.keys = &keys}, [](ServerOptions& options) {
    options.http.patience.socket_tick = std::chrono::milliseconds(10);
  });
  EXPECT_FALSE(WebSocketClient(tavern.server->port()).open());
  WebSocketClient client(
      tavern.server->port(),
      "Sec-WebSocket-Protocol: dramatis.v1, dramatis.key." + owner.secret + "\r\n");
  ASSERT_TRUE(client.open()) << client.head();
  EXPECT_EQ(client.head().find(owner.secret), std::string::npos);
  ASSERT_TRUE(keys.revoke(owner.key.id));
  EXPECT_EQ(client.read_close(), 1008);
}

// W6: who does not answer a close is not waited for.
TEST(WebSocket, TellsThatTheServiceEndsAndWaitsForNobody) {
  ScriptedModel model({});
  Tavern tavern(model, nullptr, "", {}, [](ServerOptions& options) {
    options.http.patience.socket_close = std::chrono::milliseconds(50);
  });
  WebSocketClient client(tavern.server->port());
  ASSERT_TRUE(client.open());
  tavern.server->stop();
  EXPECT_EQ(client.read_close(), 1001);
  EXPECT_EQ(tavern.server->connections(), 0U);
}

// W10, by hand: what Autobahn's suite asks of a server first.
TEST(WebSocket, HearsAMessageInPiecesAndAnswersPingsBetweenThem) {
  ScriptedModel model(Script{"A penny each."});
  Tavern tavern(model);
  const std::string user = tavern.make_user("Alice");
  const std::string npc = tavern.make_npc();
  WebSocketClient client(tavern.server->port());
  const std::string message = R"({"type":"say","id":"\u00e9","npc_id":")" + npc +
                              R"(","user_id":")" + user + "\",\"message\":\"\xE2\x82\xAC?\"}";
  // The euro's three bytes come in three frames, the last of which is empty otherwise.
  const std::size_t euro = message.find('\xE2');
  const auto frame = [](int first, std::string_view payload) {
    return WebSocketClient::frame(first, payload);
  };
  client.raw().send(frame(0x01, message.substr(0, euro + 1)) + frame(0x89, std::string(125, 'p')) +
                    frame(0x00, message.substr(euro + 1, 1)) + frame(0x00, "") +
                    frame(0x8A, "unasked") + frame(0x80, message.substr(euro + 2)));
  testing::Frame got = client.read();
  EXPECT_EQ(got.opcode, 10);
  EXPECT_EQ(got.payload, std::string(125, 'p'));
  EXPECT_EQ(client.read_text(), "{\"type\":\"started\",\"id\":\"\xC3\xA9\"}");
  std::string last = client.read_text();
  while (!last.empty() && last.find(R"("type":"done")") == last.npos) last = client.read_text();
  EXPECT_THAT(last, HasSubstr("A penny each."));
  EXPECT_EQ(model.asked().at(0).messages.back().text.find("\xE2\x82\xAC?") != std::string::npos,
            true);
  client.raw().send(frame(0x88, std::string("\x03\xE8", 2) + "goodbye"));
  EXPECT_EQ(client.read_close(), 1000) << "a close is answered in its own words";
}

TEST(WebSocket, AnEmptyMessageAndAnEmptyCloseAreAnswered) {
  ScriptedModel model({});
  Tavern tavern(model);
  WebSocketClient client(tavern.server->port());
  client.raw().send(WebSocketClient::frame(0x81, ""));
  EXPECT_THAT(client.read_text(), HasSubstr(R"("type":"error")"));
  client.raw().send(WebSocketClient::frame(0x88, ""));
  EXPECT_EQ(client.read().opcode, 8);
}

// W7: one key upon two sockets at once is one turn.
TEST(WebSocket, AKeyOnTwoSocketsIsOneTurn) {
  ScriptedModel model(Script{"A penny each."});
  Tavern tavern(model);
  const std::string user = tavern.make_user("Alice");
  const std::string npc = tavern.make_npc();
  std::string keyed = say("1", npc, user);
  keyed.insert(keyed.size() - 1, R"(,"key":"once")");
  WebSocketClient one(tavern.server->port()), other(tavern.server->port());
  one.text(keyed);
  other.text(keyed);
  for (WebSocketClient* client : {&one, &other}) {
    std::string last = client->read_text();
    while (!last.empty() && last.find(R"("type":"done")") == last.npos) last = client->read_text();
    EXPECT_THAT(last, HasSubstr(R"("reply":"A penny each.")"));
  }
  EXPECT_EQ(model.asked().size(), 1U);
}

}  // namespace
}  // namespace dramatis::server
