#include "server/server.h"

#include <filesystem>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dialogue/testing/memory_store.h"
#include "lm/testing/scripted_model.h"
#include "server/testing/client.h"
#include "server/testing/step_model.h"
#include "server/testing/tavern.h"
#include "text/json.h"

namespace dramatis::server {
namespace {

using lm::testing::ScriptedModel;
using testing::Client;
using testing::get;
using testing::Got;
using ::testing::HasSubstr;
using testing::json_of;
using ::testing::Not;
using testing::post;
using testing::StepModel;
using testing::string_in;
using testing::Tavern;
using Script = std::deque<Result<std::string>>;

TEST(Server, RegistersPlayersAndNpcs) {
  ScriptedModel model({});
  Tavern tavern(model);
  const Got first = tavern.ask(post("/v1/users", R"({"username":"Alice"})"));
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(string_in(first, "username"), "Alice");
  EXPECT_EQ(string_in(tavern.ask(post("/v1/users", R"({"username":"Alice"})")), "username"),
            "Alice_1");
  const std::string npc = tavern.make_npc();
  const std::string other = tavern.make_npc(
      R"({"world_description":"A village by a river.","character_description":"You are Iva, the smith.","history_size":4,"has_scratchpad":false})");
  const auto listed = json_of(tavern.ask(get("/v1/npcs")));
  const auto& npcs = *listed.find("npcs")->as_array();
  ASSERT_EQ(npcs.size(), 2u);
  EXPECT_EQ(*npcs[0].find("npc_id")->as_string(), npc);
  EXPECT_EQ(*npcs[0].find("name")->as_string(), "Ida Fenn");
  EXPECT_EQ(*npcs[1].find("npc_id")->as_string(), other);
  EXPECT_EQ(tavern.ask(get("/healthz")).status, 200);
}

TEST(Server, AnswersAMessageAndKeepsTheTurn) {
  ScriptedModel model(Script{"A penny each."});
  Tavern tavern(model);
  const std::string user = tavern.make_user("Alice");
  const std::string npc = tavern.make_npc();
  const Got got = tavern.ask(Tavern::say(npc, user, "What does a loaf cost?"));
  EXPECT_EQ(got.status, 200) << got.body;
  EXPECT_EQ(string_in(got, "reply"), "A penny each.");
  EXPECT_TRUE(parse_turn_id(string_in(got, "turn_id")));
  EXPECT_EQ(
      tavern.history(npc, user).body,
      R"({"messages":[{"role":"player","content":"What does a loaf cost?"},{"role":"npc","content":"A penny each."}]})");
  EXPECT_EQ(tavern
                .ask("DELETE /v1/npcs/" + npc + "/history?user_id=" + user +
                     " HTTP/1.1\r\nHost: localhost\r\n\r\n")
                .status,
            204);
  EXPECT_EQ(tavern.history(npc, user).body, R"({"messages":[]})");
}

TEST(Server, ShowsThoughtsInTheHistoryAndNowhereElse) {
  ScriptedModel model(Script{"#SCRATCHPAD: He wants bread. #ANSWER: A penny.",
                             "#SCRATCHPAD: Again. #ANSWER: A penny!"});
  Tavern tavern(model);
  const std::string user = tavern.make_user("Alice");
  const std::string npc = tavern.make_npc(R"({"character":"ida-fenn","has_scratchpad":true})");
  const Got got = tavern.ask(Tavern::say(npc, user, "Bread?"));
  EXPECT_EQ(string_in(got, "reply"), "A penny.");
  EXPECT_THAT(got.body, Not(HasSubstr("wants")));
  Client client(tavern.server->port());
  client.send(Tavern::say(npc, user, "And now?", "Accept: text/event-stream\r\n"));
  EXPECT_THAT(client.read_to("0\r\n\r\n"), Not(HasSubstr("Again")));
  EXPECT_THAT(tavern.history(npc, user).body, HasSubstr(R"("thoughts":"He wants bread.")"));
}

TEST(Server, StreamsWordsAsTheyComeAndIsDoneWhenTheTurnIsKept) {
  StepModel model;
  Tavern tavern(model);
  const std::string user = tavern.make_user("Alice");
  const std::string npc = tavern.make_npc();
  Client client(tavern.server->port());
  client.send(Tavern::say(npc, user, "Count.", "Accept: text/event-stream\r\n"));
  client.read_to("\r\n\r\n");
  EXPECT_THAT(client.read_to("\n\n"), HasSubstr("event: text\ndata: {\"text\":\"One"));
  EXPECT_EQ(tavern.history(npc, user).body, R"({"messages":[]})") << "not before it is whole";
  model.go_on();
  EXPECT_THAT(client.read_to("event: done\n"), HasSubstr("event: text"));
  EXPECT_THAT(tavern.history(npc, user).body, HasSubstr(R"({"role":"npc","content":"One two."})"));
  const std::string data = client.read_to("\n\n");
  const auto done = text::parse_json(data.substr(6, data.size() - 8)).value();
  EXPECT_EQ(*done.find("reply")->as_string(), "One two.");
  EXPECT_TRUE(parse_turn_id(*done.find("turn_id")->as_string()));
}

TEST(Server, EndsAStreamThatFailsWithTheProblemAndNothingOfOurInside) {
  StepModel model;
  model.breaks = true;
  Tavern tavern(model);
  const std::string user = tavern.make_user("Alice");
  const std::string npc = tavern.make_npc();
  Client client(tavern.server->port());
  client.send(Tavern::say(npc, user, "Count.", "Accept: text/event-stream\r\n"));
  model.go_on();
  const std::string all = client.read_to("0\r\n\r\n");
  EXPECT_THAT(all, HasSubstr("event: error\ndata: {\"title\":\"A part of the service cannot answer "
                             "now\",\"status\":503,\"code\":\"unavailable\"}\n\n"));
  EXPECT_THAT(all, Not(HasSubstr("event: done")));
  EXPECT_THAT(all, Not(HasSubstr("10.0.0.7")));
  EXPECT_EQ(tavern.history(npc, user).body, R"({"messages":[]})");
}

TEST(Server, CancelsTheReplyOfAPlayerWhoLeaves) {
  StepModel model;
  Tavern tavern(model);
  const std::string user = tavern.make_user("Alice");
  const std::string npc = tavern.make_npc();
  Client client(tavern.server->port());
  client.send(Tavern::say(npc, user, "Count."));
  model.begun.wait();
  client.hang_up();
  model.stopped.wait();
  EXPECT_EQ(tavern.history(npc, user).body, R"({"messages":[]})");
}

TEST(Server, KeepsTwoPlayersApart) {
  ScriptedModel model(Script{"To Alice.", "To Bob."});
  Tavern tavern(model);
  const std::string alice = tavern.make_user("Alice");
  const std::string bob = tavern.make_user("Bob");
  const std::string npc = tavern.make_npc();
  tavern.ask(Tavern::say(npc, alice, "I am Alice"));
  tavern.ask(Tavern::say(npc, bob, "I am Bob"));
  EXPECT_THAT(tavern.history(npc, alice).body, Not(HasSubstr("Bob")));
  EXPECT_THAT(tavern.history(npc, bob).body, Not(HasSubstr("Alice")));
  const auto asked = model.asked();
  for (const auto& message : asked.at(1).messages)
    EXPECT_THAT(message.text, Not(HasSubstr("I am Alice")));
}

TEST(Server, ARetryWithItsKeyIsNoSecondTurn) {
  ScriptedModel model(Script{"Once."});
  Tavern tavern(model);
  const std::string user = tavern.make_user("Alice");
  const std::string npc = tavern.make_npc();
  const Got first = tavern.ask(Tavern::say(npc, user, "Hello", "Idempotency-Key: k1\r\n"));
  const Got again = tavern.ask(Tavern::say(npc, user, "Hello", "Idempotency-Key: k1\r\n"));
  EXPECT_EQ(first.body, again.body);
  EXPECT_EQ(tavern.ask(Tavern::say(npc, user, "Other", "Idempotency-Key: k1\r\n")).status, 409);
}

TEST(Server, NamesWhatIsWrongWithARequest) {
  ScriptedModel model({});
  Tavern tavern(model);
  const std::string user = tavern.make_user("Alice");
  const std::string npc = tavern.make_npc();
  const std::string nobody = "usr_0000000000000000";
  const std::string no_npc = "npc_0000000000000000";
  const auto expect = [&](const std::string& request, int status, const std::string& code) {
    const Got got = tavern.ask(request);
    EXPECT_EQ(got.status, status) << request << got.body;
    EXPECT_EQ(string_in(got, "code"), code) << got.body;
    EXPECT_THAT(got.head, HasSubstr("Content-Type: application/problem+json\r\n"));
  };
  expect(post("/v1/users", "{"), 400, "invalid_request");
  expect(post("/v1/users", "{}"), 400, "invalid_request");
  expect(post("/v1/users", R"({"username":" "})"), 400, "invalid_request");
  expect(post("/v1/users", R"({"username":"a","admin":true})"), 400, "invalid_request");
  EXPECT_THAT(tavern.ask(post("/v1/users", R"({"username":"a","admin":true})")).body,
              HasSubstr("'admin'"));
  expect(post("/v1/npcs", R"({"character":"nobody"})"), 404, "not_found");
  expect(post("/v1/npcs", R"({"character":"ida-fenn","history_size":-1})"), 400, "invalid_request");
  expect(post("/v1/npcs", R"({"character":"ida-fenn","history_size":9999999})"), 400,
         "invalid_request");
  expect(post("/v1/npcs", R"({"character":"ida-fenn","max_tokens":0})"), 400, "invalid_request");
  expect(Tavern::say(no_npc, user, "Hi"), 404, "npc_not_found");
  expect(Tavern::say("x", user, "Hi"), 404, "npc_not_found");
  expect(Tavern::say(npc, nobody, "Hi"), 404, "user_not_found");
  expect(Tavern::say(npc, npc, "Hi"), 404, "user_not_found");
  expect(Tavern::say(npc, user, "  "), 400, "invalid_request");
  expect(Tavern::say(npc, user, std::string(9000, 'a')), 413, "over_budget");
  expect(Tavern::say(npc, user, "Hi"), 503, "unavailable");
  EXPECT_THAT(tavern.ask(Tavern::say(npc, user, "Hi")).body, Not(HasSubstr("script")))
      << "a model's words are not the client's";
  expect(Tavern::say(no_npc, user, "Hi", "Accept: text/event-stream\r\n"), 404, "npc_not_found");
  expect(get("/v1/npcs/" + npc + "/history?user_id=" + nobody), 404, "user_not_found");
  expect(get("/v1/npcs/" + npc + "/history"), 404, "user_not_found");
}

TEST(Server, IsOpenToStrangersOnlyWithAKey) {
  ScriptedModel model({});
  ServerOptions options;
  options.host = "0.0.0.0";
  options.port = 0;
  Tavern tavern(model, nullptr, "s3cret");
  const dialogue::Ports ports{.store = tavern.store,
                              .models = tavern.models,
                              .clock = tavern.clock,
                              .cast = tavern.cast,
                              .examples = tavern.examples,
                              .turnstile = tavern.turnstile};
  EXPECT_EQ(Server::open(options, ports).error().code, ErrorCode::kRefused);
  options.host = "::";
  EXPECT_EQ(Server::open(options, ports).error().code, ErrorCode::kRefused);
  options.host = "not an address";
  options.key = "k";
  EXPECT_EQ(Server::open(options, ports).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(tavern.ask(get("/v1/npcs")).status, 401);
  EXPECT_EQ(tavern.ask(get("/v1/npcs", "Authorization: Bearer wrong\r\n")).status, 401);
  EXPECT_EQ(tavern.ask(get("/v1/npcs", "Authorization: Bearer s3cret\r\n")).status, 200);
  EXPECT_EQ(tavern.ask(get("/healthz")).status, 200);
}

TEST(Server, RefusesWebPagesThatGuessItsAddress) {
  ScriptedModel model({});
  Tavern tavern(model);
  EXPECT_EQ(tavern.ask("GET /v1/npcs HTTP/1.1\r\nHost: evil.example\r\n\r\n").status, 421);
  EXPECT_EQ(tavern.ask(post("/v1/users", R"({"username":"a"})", "Origin: https://evil.example\r\n"))
                .status,
            403);
  EXPECT_EQ(tavern
                .ask("POST /v1/users HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                     "text/plain\r\nContent-Length: 2\r\n\r\n{}")
                .status,
            415);
  const Got wrong = tavern.ask("PUT /v1/users HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_THAT(wrong.head, HasSubstr("Allow: POST, GET, HEAD, OPTIONS\r\n"));
}

TEST(Server, GreetsAtAFurtherDoorAsTheClientsThereExpect) {
  ScriptedModel model({});
  Tavern tavern(model, nullptr, "sesame", {}, [](ServerOptions& options) {
    options.doors = {{.greeting = "Ollama is running"}, {}};
  });
  const auto at = [&](std::size_t door, const std::string& request) {
    return Client(tavern.server->port(door)).ask(request);
  };
  const Got greeted = at(1, get("/"));
  EXPECT_EQ(greeted.status, 200);
  EXPECT_EQ(greeted.body, "Ollama is running");
  EXPECT_EQ(at(1, "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n").status, 421);
  EXPECT_EQ(at(0, get("/")).status, 404);
  EXPECT_EQ(at(2, get("/")).status, 404);
  EXPECT_EQ(at(1, get("/v1/npcs")).status, 401) << "all is served there, to whom it is elsewhere";
  EXPECT_EQ(at(2, get("/v1/npcs", "Authorization: Bearer sesame\r\n")).status, 200);
}

// W8: a stream is not taken up again; whose it was, and where, is nobody else's to ask.
TEST(Server, ALastEventIdOpensNoStream) {
  ScriptedModel model(Script{"One.", "Two.", "Three.", "Four."});
  Tavern tavern(model);
  const std::string user = tavern.make_user("Alice");
  const std::string npc = tavern.make_npc();
  for (const char* id : {"1", "-1", "bogus", "trn_0123456789abcdef"}) {
    Client client(tavern.server->port());
    client.send(Tavern::say(npc, user, "Bread?",
                            fmt::format("Accept: text/event-stream\r\nLast-Event-ID: {}\r\n", id)));
    const std::string told = client.read_to("0\r\n\r\n");
    EXPECT_THAT(told, HasSubstr("event: done"));
    EXPECT_THAT(told, Not(HasSubstr("\nid:")));
  }
  EXPECT_EQ(model.asked().size(), 4U);
}

}  // namespace
}  // namespace dramatis::server
