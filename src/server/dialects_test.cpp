#include "server/dialects.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "accounts/testing/memory_keys.h"
#include "lm/testing/scripted_model.h"
#include "server/dialect_limits.h"
#include "server/testing/dialect_desk.h"
#include "server/testing/tavern.h"

namespace dramatis::server {
namespace {

using lm::testing::ScriptedModel;
using testing::Desk;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::KeptAnswer;
using ::testing::Not;
using testing::without_ids;
using Script = std::deque<Result<std::string>>;

std::string chat(const std::string& model, const std::string& more = "") {
  return fmt::format(
      R"({{"model":"{}","messages":[{{"role":"system","content":"It rains."}},)"
      R"({{"role":"user","content":"Hello"}},{{"role":"assistant","content":"Hm."}},)"
      R"({{"role":"user","content":"Bread?"}}]{}}})",
      model, more);
}

void with_dialects(ServerOptions& options) {
  options.more.emplace_back([](const Api& api) { return dialect_routes(api); });
}

TEST(Dialects, SlashesAndSlashedNamesFindTheirWay) {
  ScriptedModel model(Script{});
  Desk desk(model);
  EXPECT_TRUE(desk.routes.match("POST", "//api/v1/generate"));
  EXPECT_TRUE(desk.routes.match("HEAD", "/"));
  EXPECT_EQ(desk.routes.match("GET", "/v1/models/npc/Ida%20Fenn")->parts.at("name"), "Ida%20Fenn");
  EXPECT_EQ(desk.routes.match("DELETE", "/api/tags").error().status, 405);
  EXPECT_EQ(dialect_routes(desk.api, {.root = Root::kAnothers}).size() + 1,
            dialect_routes(desk.dialects).size());
}

TEST(Dialects, ARefusalIsToldInTheDialectsShape) {
  const auto said = [](Dialect dialect) {
    return in_dialect(dialect, {.status = 401,
                                .content_type = "application/problem+json",
                                .body = R"({"title":"T","status":401,"code":"c","detail":"D."})",
                                .headers = {{"WWW-Authenticate", "Bearer"}}});
  };
  EXPECT_EQ(
      said(Dialect::kOpenAi).body,
      R"({"error":{"message":"D.","type":"authentication_error","param":null,"code":"invalid_api_key"}})");
  EXPECT_EQ(said(Dialect::kOllama).body, R"({"error":"D."})");
  EXPECT_EQ(said(Dialect::kKobold).body, R"({"detail":{"msg":"D.","type":"c"}})");
  EXPECT_EQ(said(Dialect::kKobold).headers.size(), 1u);
  EXPECT_EQ(said(Dialect::kKobold).status, 401);
}

TEST(Dialects, NamesOfPortsAreReadAndTheirMistakesNamed) {
  EXPECT_EQ(parse_compat("ollama,webui,ollama").value().size(), 2u);
  EXPECT_EQ(parse_compat("kobold").value()[0].port, 5001);
  EXPECT_TRUE(parse_compat("").value().empty());
  EXPECT_THAT(parse_compat("olama").error().what, HasSubstr("'olama'"));
}

TEST(OpenAi, TheModelAnswersItsOwnMessages) {
  ScriptedModel model(Script{"A penny."});
  Desk desk(model);
  const Response got = desk.post("/v1/chat/completions", chat("scripted"));
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(
      without_ids(got.body),
      R"({"id":"ID","object":"chat.completion","created":1777636800,"model":"scripted","choices":[{"index":0,"message":{"role":"assistant","content":"A penny.","refusal":null},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":0,"completion_tokens":2,"total_tokens":2,"prompt_tokens_details":{"cached_tokens":0}},"system_fingerprint":null})");
  const auto asked = model.asked().at(0);
  EXPECT_EQ(asked.messages.size(), 4u);
  EXPECT_EQ(asked.messages[0].text, "It rains.");
}

TEST(OpenAi, StreamsInTheOrderThatClientsExpect) {
  ScriptedModel model(Script{"A penny."});
  Desk desk(model);
  KeptAnswer answer;
  desk.ask(answer, "POST", "/v1/chat/completions",
           chat("scripted", R"(,"stream":true,"stream_options":{"include_usage":true})"));
  EXPECT_EQ(answer.type, "text/event-stream");
  const std::string head =
      R"(data: {"id":"ID","object":"chat.completion.chunk","created":1777636800,"model":"scripted","choices":)";
  EXPECT_EQ(
      without_ids(answer.streamed()),
      head +
          R"([{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}],"usage":null})"
          "\n\n" +
          head +
          R"([{"index":0,"delta":{"content":"A "},"logprobs":null,"finish_reason":null}],"usage":null})"
          "\n\n" +
          head +
          R"([{"index":0,"delta":{"content":"penny."},"logprobs":null,"finish_reason":null}],"usage":null})"
          "\n\n" +
          head +
          R"([{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],"usage":null})" +
          "\n\n" + head +
          R"([],"usage":{"prompt_tokens":0,"completion_tokens":2,"total_tokens":2,"prompt_tokens_details":{"cached_tokens":0}}})"
          "\n\ndata: [DONE]\n\n");
}

TEST(OpenAi, AnNpcPlaysFromItsOwnSheetAndKeepsNothing) {
  ScriptedModel model(Script{"<scratchpad>He wants bread.</scratchpad> A penny."});
  Desk desk(model);
  const auto npc = desk.add_npc({.character = "ida-fenn", .has_scratchpad = true});
  const Response got = desk.post("/v1/chat/completions", chat("npc/Ida Fenn"));
  EXPECT_EQ(got.status, 200) << got.body;
  EXPECT_THAT(got.body, HasSubstr(R"("content":"A penny.")"));
  EXPECT_THAT(got.body, Not(HasSubstr("wants")));
  const auto asked = model.asked().at(0);
  EXPECT_TRUE(asked.thinks);
  EXPECT_THAT(asked.messages.front().text, HasSubstr("Ida Fenn"));
  EXPECT_THAT(asked.messages.front().text, HasSubstr("It rains."));
  EXPECT_EQ(asked.messages.at(1).text, "Hello");
  EXPECT_THAT(asked.messages.back().text, HasSubstr("Bread?"));
  EXPECT_EQ(model.settings().at(0).temperature, 0.6);
  const auto user = desk.add_user("Anna");
  EXPECT_FALSE(desk.store.current_conversation({.npc = npc.id, .user = user.id}).value());
}

TEST(OpenAi, AnswersToIdsNamesAndCharactersOfTheCast) {
  ScriptedModel model(Script{"a", "b", "c", "d", "e"});
  Desk desk(model);
  const auto npc = desk.add_npc({.character = "ida-fenn", .has_scratchpad = false});
  for (const std::string& name :
       {fmt::format("npc/{}", print_id(npc.id)), std::string("npc/IDA fenn"),
        std::string("npc/ida-fenn"), std::string("npc/tom-reed"),
        std::string("npc/Ida Fenn:latest")}) {
    EXPECT_EQ(desk.post("/v1/chat/completions", chat(name)).status, 200) << name;
  }
  const Response none = desk.post("/v1/chat/completions", chat("gpt-4"));
  EXPECT_EQ(none.status, 404);
  EXPECT_EQ(
      none.body,
      R"({"error":{"message":"There is no model 'gpt-4'; the list of models has the names.","type":"invalid_request_error","param":"model","code":"model_not_found"}})");
  EXPECT_EQ(desk.post("/v1/chat/completions", chat("npc/npc_0000000000000001")).status, 404);
}

TEST(OpenAi, WithASessionTurnsAreStoredAndHistoryIsOurs) {
  ScriptedModel model(Script{"One.", "Two."});
  Desk desk(model);
  const auto npc = desk.add_npc({.character = "ida-fenn", .has_scratchpad = false});
  const auto user = desk.add_user("Anna");
  const std::string more = R"(,"user":"Anna","metadata":{"session":"s"})";
  EXPECT_EQ(desk.post("/v1/chat/completions", chat("npc/ida-fenn", more)).status, 200);
  const Response again =
      desk.post("/v1/chat/completions", chat("npc/ida-fenn", R"(,"user":"Anna")"),
                {{"x-session", "s"}, {"idempotency-key", "k"}});
  EXPECT_THAT(again.body, HasSubstr("Two."));
  const Response retried =
      desk.post("/v1/chat/completions", chat("npc/ida-fenn", R"(,"user":"Anna")"),
                {{"x-session", "s"}, {"idempotency-key", "k"}});
  EXPECT_THAT(retried.body, HasSubstr("Two."));
  const auto conversation =
      desk.store.current_conversation({.npc = npc.id, .user = user.id}).value().value();
  EXPECT_EQ(conversation.title, "s");
  const auto turns = desk.store.newest_turns(conversation.id, 9, std::nullopt).value();
  ASSERT_EQ(turns.size(), 2u);
  EXPECT_EQ(*turns[0].message, "Bread?");
  EXPECT_THAT(model.asked().at(1).messages,
              Not(::testing::Contains(::testing::Field(&lm::Message::text, "Hello"))));
}

TEST(OpenAi, ASessionIsAConversationOfThatIdOrTitle) {
  ScriptedModel model(Script{"One.", "Two.", "Three."});
  Desk desk(model);
  const auto npc = desk.add_npc({.character = "ida-fenn", .has_scratchpad = false});
  const dialogue::Pair pair{.npc = npc.id, .user = desk.add_user("Anna").id};
  const auto say = [&](const std::string& session, const std::string& user = "Anna") {
    return desk.post("/v1/chat/completions",
                     chat("npc/ida-fenn", fmt::format(R"(,"user":"{}")", user)),
                     {{"x-session", session}});
  };
  EXPECT_EQ(say("a").status, 200);
  const auto first = desk.store.current_conversation(pair).value().value();
  EXPECT_EQ(say("b").status, 200);
  EXPECT_EQ(say(print_id(first.id)).status, 200);
  EXPECT_EQ(desk.store.newest_turns(first.id, 9, std::nullopt).value().size(), 2u);
  desk.add_user("Bob");
  EXPECT_EQ(say(print_id(first.id), "Bob").status, 404);
  // Whose key speaks for one player plays for nobody else.
  desk.who = {.role = accounts::Role::kPlayer, .user = pair.user};
  EXPECT_THAT(say("a", "Bob").body, HasSubstr(R"("param":"user","code":"user_not_found")"));
}

TEST(OpenAi, ASessionNeedsAnNpcAndAPlayer) {
  ScriptedModel model(Script{});
  Desk desk(model);
  desk.add_npc({.character = "ida-fenn"});
  const auto told = [&](const std::string& name, const std::string& more) {
    return desk.post("/v1/chat/completions", chat(name, more)).body;
  };
  const std::string session = R"(,"metadata":{"session":"s"})";
  EXPECT_THAT(told("scripted", session), HasSubstr(R"("param":"model")"));
  EXPECT_THAT(told("npc/tom-reed", session), HasSubstr("register"));
  EXPECT_THAT(told("npc/ida-fenn", session), HasSubstr(R"("param":"user")"));
  EXPECT_THAT(told("npc/ida-fenn", session + R"(,"user":"Nobody")"),
              HasSubstr(R"("param":"user","code":"user_not_found")"));
}

TEST(OpenAi, AFailureBeforeTheFirstWordHasAStatusAndALaterOneIsAnEvent) {
  ScriptedModel model(Script{Result<std::string>(fail(ErrorCode::kUnavailable, "at 10.0.0.1"))});
  Desk desk(model);
  KeptAnswer answer;
  desk.ask(answer, "POST", "/v1/chat/completions", chat("scripted", R"(,"stream":true)"));
  EXPECT_EQ(answer.whole.status, 503);
  EXPECT_THAT(answer.whole.body, Not(HasSubstr("10.0.0.1")));
  EXPECT_TRUE(answer.pieces.empty());
}

TEST(OpenAi, AReaderWhoLeavesStopsTheReply) {
  ScriptedModel model(Script{"one two three four"});
  Desk desk(model);
  KeptAnswer answer;
  answer.most = 2;
  desk.ask(answer, "POST", "/v1/chat/completions", chat("scripted", R"(,"stream":true)"));
  EXPECT_LE(answer.pieces.size(), 3u);
}

TEST(OpenAi, SeveralRepliesHaveSeedsOfTheirOwn) {
  ScriptedModel model(Script{"a", "b"});
  Desk desk(model);
  const Response got =
      desk.post("/v1/chat/completions", chat("scripted", R"(,"n":2,"seed":40,"max_tokens":5)"));
  EXPECT_THAT(got.body, HasSubstr(R"("index":1,"message":{"role":"assistant","content":"b")"));
  EXPECT_EQ(model.settings().at(1).seed, 41u);
  EXPECT_EQ(model.settings().at(1).max_tokens, 5);
}

const std::string kTools =
    R"(,"tools":[{"type":"function","function":{"name":"open","parameters":{"type":"object"}}}])";

TEST(OpenAi, ACallComesBackAsACall) {
  ScriptedModel model(Script{R"({"name":"open","arguments":{"door":1}})",
                             R"({"name":"open","arguments":{"door":1}})", "Just words."});
  Desk desk(model);
  const Response got =
      desk.post("/v1/chat/completions", chat("scripted", kTools + R"(,"tool_choice":"required")"));
  EXPECT_THAT(
      without_ids(got.body),
      HasSubstr(
          R"("content":null,"refusal":null,"tool_calls":[{"id":"ID","type":"function","function":{"name":"open","arguments":"{\"door\":1}"}}]},"logprobs":null,"finish_reason":"tool_calls")"));
  ASSERT_TRUE(model.settings().at(0).grammar);
  EXPECT_THAT(model.asked().at(0).messages[0].text, HasSubstr("can be called"));
  const std::string streamed =
      desk.stream("/v1/chat/completions", chat("scripted", kTools + R"(,"stream":true)"));
  EXPECT_FALSE(model.settings().at(1).grammar);
  EXPECT_THAT(
      without_ids(streamed),
      HasSubstr(
          R"("delta":{"tool_calls":[{"index":0,"id":"ID","type":"function","function":{"name":"open","arguments":"{\"door\":1}"}}]},"logprobs":null,"finish_reason":null)"));
  EXPECT_THAT(streamed, HasSubstr(R"("delta":{},"logprobs":null,"finish_reason":"tool_calls")"));
  EXPECT_THAT(desk.post("/v1/chat/completions", chat("scripted", kTools)).body,
              HasSubstr(R"("content":"Just words.")"));
}

TEST(OpenAi, ACompletionGoesOnFromTheTextAsItStands) {
  ScriptedModel model(Script{" upon a time", "!"});
  Desk desk(model);
  const Response got = desk.post(
      "/v1/completions", R"({"model":"scripted","prompt":"Once","max_tokens":9,"echo":true})");
  EXPECT_THAT(got.body, HasSubstr(R"("choices":[{"text":"Once upon a time","index":0)"));
  EXPECT_THAT(got.body, HasSubstr(R"("results":[{"text":"Once upon a time"}])"));
  EXPECT_THAT(desk.continuer.texts, ElementsAre("Once"));
  EXPECT_THAT(
      desk.stream("/v1/completions", R"({"model":"scripted","prompt":["Wait"],"stream":true})"),
      HasSubstr(R"("choices":[{"index":0,"text":"!","logprobs":null)"));
}

TEST(OpenAi, ListsTheModelTheNpcsAndTheCast) {
  ScriptedModel model(Script{});
  Desk desk(model);
  desk.add_npc({.character = "ida-fenn"});
  const auto second = desk.add_npc({.character = "ida-fenn"});
  EXPECT_THAT(desk.get("/v1/models").body, HasSubstr(R"("id":"npc/Ida Fenn")"));
  EXPECT_EQ(
      desk.get("/models").body,
      R"({"object":"list","data":[{"id":"scripted","object":"model","created":0,"owned_by":"dramatis","name":"scripted"},{"id":"npc/Ida Fenn","object":"model","created":1777636800,"owned_by":"dramatis","name":"Ida Fenn"},{"id":"npc/)" +
          print_id(second.id) +
          R"(","object":"model","created":1777636800,"owned_by":"dramatis","name":"Ida Fenn"},{"id":"npc/tom-reed","object":"model","created":0,"owned_by":"dramatis","name":"Tom Reed"}]})");
  EXPECT_EQ(
      desk.get("/v1/models/npc/Ida%20Fenn").body,
      R"({"id":"npc/Ida Fenn","object":"model","created":1777636800,"owned_by":"dramatis","name":"Ida Fenn"})");
  EXPECT_EQ(desk.get("/v1/models/npc%2FIda%20Fenn").body,
            desk.get("/v1/models/npc/Ida%20Fenn").body);
  EXPECT_EQ(desk.get("/models/scripted").status, 200);
  EXPECT_EQ(desk.get("/models/none").status, 404);
}

TEST(OpenAi, AModelThatMakesNoVectorsSaysSo) {
  ScriptedModel model(Script{});
  Desk desk(model);
  const Response got = desk.post("/v1/embeddings", R"({"model":"scripted","input":"a"})");
  EXPECT_EQ(got.status, 400);
  EXPECT_THAT(got.body, HasSubstr("--embeddings"));
}

TEST(Ollama, StreamsLinesAndAnswersWhole) {
  ScriptedModel model(Script{"A penny.", "Whole.", "Once"});
  Desk desk(model);
  KeptAnswer answer;
  desk.ask(answer, "POST", "/api/chat", chat("scripted"));
  EXPECT_EQ(answer.type, "application/x-ndjson");
  ASSERT_EQ(answer.pieces.size(), 3u);
  EXPECT_EQ(
      answer.pieces[1],
      R"({"model":"scripted","created_at":"2026-05-01T12:00:00.123Z","message":{"role":"assistant","content":"penny."},"done":false})"
      "\n");
  EXPECT_THAT(answer.pieces[2], HasSubstr(R"("done":true,"done_reason":"stop")"));
  EXPECT_THAT(desk.post("/api/chat", chat("npc/tom-reed", R"(,"stream":false)")).body,
              HasSubstr(R"("message":{"role":"assistant","content":"Whole."},"done":true)"));
  EXPECT_THAT(
      desk.post("/api/generate", R"({"model":"scripted","prompt":"x","raw":true,"stream":false})")
          .body,
      HasSubstr(R"("response":"Once","done":true)"));
  EXPECT_THAT(desk.continuer.texts, ElementsAre("x"));
}

TEST(Ollama, LooksLikeItself) {
  ScriptedModel model(Script{});
  Desk desk(model);
  EXPECT_EQ(desk.get("/").body, "Ollama is running");
  EXPECT_THAT(desk.get("/api/version").body, HasSubstr("version"));
  EXPECT_THAT(desk.get("/api/tags").body, HasSubstr(R"("name":"npc/ida-fenn")"));
  EXPECT_THAT(desk.get("/api/ps").body, HasSubstr(R"("context_length":4096)"));
  EXPECT_THAT(desk.post("/api/show", R"({"model":"npc/ida-fenn"})").body,
              HasSubstr("ferrywoman of Tarn"));
  EXPECT_EQ(desk.post("/api/show", R"({"model":"x"})").body,
            R"({"error":"There is no model 'x'; the list of models has the names."})");
  EXPECT_THAT(desk.post("/api/chat", R"({"model":"scripted"})").body,
              HasSubstr(R"("done_reason":"load")"));
}

TEST(Kobold, GoesOnFromATextAndCountsTokens) {
  ScriptedModel model(Script{" upon {a}\n time", "one two"});
  Desk desk(model);
  EXPECT_THAT(desk.post("/api/v1/generate", R"({"prompt":"Once","stop_sequence":["x"]})").body,
              HasSubstr(R"({"results":[{"text":" upon {a}\n time","finish_reason":"stop")"));
  EXPECT_THAT(desk.continuer.texts, ElementsAre("Once"));
  EXPECT_EQ(desk.stream("/api/extra/generate/stream", R"({"prompt":"Once","genkey":"k"})"),
            "event: message\ndata: {\"token\":\"one \",\"finish_reason\":null}\n\n"
            "event: message\ndata: {\"token\":\"two\",\"finish_reason\":null}\n\n"
            "event: message\ndata: {\"token\":\"\",\"finish_reason\":\"stop\"}\n\n");
  EXPECT_EQ(desk.post("/api/v1/token-count", R"({"prompt":"12345"})").body,
            R"({"results":[{"tokens":2}]})");
  EXPECT_EQ(desk.post("/api/extra/tokencount", R"({"prompt":"12345"})").body,
            R"({"value":2,"ids":[]})");
  EXPECT_EQ(desk.get("/api/v1/model").body, R"({"result":"dramatis/scripted"})");
  EXPECT_EQ(desk.get("/api/extra/true_max_context_length").body, R"({"value":4096})");
  EXPECT_THAT(desk.get("/api/extra/version").body, HasSubstr(R"("result":"KoboldCpp")"));
  EXPECT_EQ(desk.post("/api/v1/model", R"({"action":"list"})").body, R"({"result":["scripted"]})");
  EXPECT_EQ(desk.post("/api/v1/model", R"({"action":"load"})").status, 400);
}

// A reader that stops the reply by its key after the second piece.
class StoppingAnswer final : public Answer {
 public:
  explicit StoppingAnswer(Desk& desk) : desk_(desk) {}
  void respond(Response /*response*/) override { ADD_FAILURE(); }
  Reader send_event(std::string_view, std::string_view) override { return Reader::kGone; }
  Reader send_piece(std::string_view, std::string_view bytes) override {
    told += bytes;
    if (++pieces_ == 2) {
      EXPECT_EQ(desk_.post("/api/extra/generate/check", R"({"genkey":"k"})").body,
                R"({"results":[{"text":"one two "}]})");
      EXPECT_EQ(desk_.post("/api/extra/abort", R"({"genkey":"other"})").status, 200);
      // Another caller's key of the same letters is another key.
      desk_.who = {.key = accounts::KeyId{7}};
      EXPECT_EQ(desk_.post("/api/extra/generate/check", R"({"genkey":"k"})").body,
                R"({"results":[{"text":""}]})");
      EXPECT_EQ(desk_.post("/api/extra/abort", R"({"genkey":"k"})").status, 200);
      desk_.who = {};
      EXPECT_EQ(desk_.post("/api/extra/abort", R"({"genkey":"k"})").body,
                R"({"success":"true","done":"true"})");
    }
    return Reader::kThere;
  }
  [[nodiscard]] std::stop_token stop() const override { return {}; }
  std::string told;

 private:
  Desk& desk_;
  int pieces_ = 0;
};

TEST(Kobold, AnAbortEndsTheReplyOfItsKeyAlone) {
  ScriptedModel model(Script{"one two three four"});
  Desk desk(model);
  StoppingAnswer answer(desk);
  desk.ask(answer, "POST", "/api/extra/generate/stream", R"({"prompt":"Once","genkey":"k"})");
  EXPECT_THAT(answer.told, HasSubstr("two"));
  EXPECT_THAT(answer.told, Not(HasSubstr("three")));
  EXPECT_THAT(answer.told, ::testing::EndsWith("\"finish_reason\":\"stop\"}\n\n"));
}

const std::string kTalk =
    R"({"max_new_tokens": 250, "temperature": 0.7, "prompt": "You are roleplaying as NPC, a someone existing in the ferry house. Answer with short sentences. Only respond as NPC would. From here on, the conversation between NPC and Anna begins.\nAnna: Hello\nNPC: Hm.\nAnna: Bread?"})";

std::string talk_with(const std::string& name) {
  std::string body = kTalk;
  for (std::size_t at = body.find("NPC"); at != body.npos; at = body.find("NPC"))
    body.replace(at, 3, name);
  return body;
}

TEST(Evennia, AKnownNpcAnswersFromItsOwnSheetInWordsThatDoNothing) {
  ScriptedModel model(Script{"Ida Fenn: A {penny},\n$You() say |rwe\\all|n.\nAnna: Thanks!"});
  Desk desk(model);
  const Response got = desk.post("/api/v1/generate", talk_with("Ida Fenn"));
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.body, R"({"results":[{"text":"A (penny), You() say /rwe/all/n."}]})");
  const auto asked = model.asked().at(0);
  EXPECT_THAT(asked.messages.front().text, HasSubstr("ferrywoman"));
  EXPECT_THAT(asked.messages.front().text, HasSubstr("the ferry house"));
  ASSERT_EQ(asked.messages.size(), 4u);
  EXPECT_EQ(asked.messages[1].text, "Hello");
  EXPECT_EQ(asked.messages[2].text, "Hm.");
  EXPECT_THAT(asked.messages[3].text, HasSubstr("Bread?"));
  const auto how = model.settings().at(0);
  EXPECT_EQ(how.max_tokens, 250);
  EXPECT_EQ(how.temperature, 0.7);
  EXPECT_THAT(how.stop, ElementsAre("\nAnna:", "\nIda Fenn:"));
  EXPECT_TRUE(how.deadline);
}

TEST(Evennia, SomebodyUnknownAnswersAsThePromptDescribes) {
  ScriptedModel model(Script{"Aye."});
  Desk desk(model);
  EXPECT_EQ(desk.post("//api/v1/generate", talk_with("villager")).body,
            R"({"results":[{"text":"Aye."}]})");
  EXPECT_THAT(model.asked().at(0).messages.front().text, HasSubstr("You are villager."));
}

TEST(Evennia, SilenceAndCrowdsAreAnError) {
  ScriptedModel model(Script{"Anna: I speak for her.", "Aye."});
  Desk desk(model);
  EXPECT_EQ(desk.post("/api/v1/generate", talk_with("villager")).status, 503);
  desk.dialects.talks = kMaxEvenniaTalks;
  EXPECT_EQ(desk.post("/api/v1/generate", talk_with("villager")).status, 503);
  EXPECT_EQ(model.asked().size(), 1u);
  desk.dialects.talks = 0;
  EXPECT_EQ(desk.post("/api/v1/generate", talk_with("villager")).status, 200);
  EXPECT_EQ(desk.dialects.talks.load(), 0u);
}

// As the contrib's README sets it up for OpenAI, with the model that it names.
TEST(Evennia, TheAddressesOfOpenAiServeItToo) {
  ScriptedModel model(Script{"{Aye}.", "{Aye}."});
  Desk desk(model);
  std::string body = talk_with("villager");
  body.insert(1, R"("model": "gpt-3.5-turbo", )");
  const Response completion = desk.post("/v1/completions", body);
  EXPECT_THAT(completion.body, HasSubstr(R"("choices":[{"text":"{Aye}.")"));
  EXPECT_THAT(completion.body, HasSubstr(R"("results":[{"text":"(Aye)."}])"));
  const Response told = desk.post("/v1/chat/completions", body);
  EXPECT_THAT(told.body, HasSubstr(R"("message":{"role":"assistant","content":"{Aye}.")"));
  EXPECT_THAT(told.body, HasSubstr(R"("results":[{"text":"(Aye)."}])"));
}

// What only looks like a talk to a program that cannot know.
TEST(Evennia, AnotherClientsPromptIsLeftAlone) {
  ScriptedModel model(Script{"a", "b"});
  Desk desk(model);
  desk.post("/api/v1/generate",
            R"({"prompt":"Bob is odd.\nAnna: Hi\nBob:","stop_sequence":["x"]})");
  desk.post("/v1/completions", R"({"model":"scripted","prompt":"Translate: cheese"})");
  EXPECT_EQ(desk.continuer.texts.size(), 2u);
}

// Through the wire: sixteen Content-Types of one letter, as Evennia 2.2 to 4.3 sends them, and
// none.
TEST(Evennia, AnyContentTypeIsTakenOverTheWire) {
  ScriptedModel model(Script{"Aye.", "Aye.", "Aye."});
  testing::Tavern tavern(model, nullptr, "", {}, with_dialects);
  const std::string body = talk_with("villager");
  const auto send = [&](const std::string& types) {
    return tavern.ask(
        "POST /api/v1/generate HTTP/1.1\r\nContent-Length: " + std::to_string(body.size()) +
        "\r\n" + types + "Host: 127.0.0.1\r\n\r\n" + body);
  };
  std::string letters;
  for (const char c : std::string_view("application/json"))
    letters += fmt::format("Content-Type: {}\r\n", c);
  EXPECT_EQ(send(letters).body, R"({"results":[{"text":"Aye."}]})");
  EXPECT_EQ(send("").status, 200);
  EXPECT_EQ(send("Content-Type: text/plain\r\nOrigin: http://evil.example\r\n").status, 403);
  EXPECT_EQ(send("Content-Type: text/plain\r\nOrigin: null\r\n").status, 403);
}

TEST(Dialects, AKeyIsAskedForAtEveryAddressInTheDialectsWords) {
  ScriptedModel model(Script{});
  testing::Tavern tavern(model, nullptr, "sesame", {}, with_dialects);
  Desk desk(model);
  for (const auto& route : dialect_routes(desk.dialects)) {
    const std::string path(route.pattern);
    if (path.ends_with('}')) continue;
    const auto got = route.method == "GET" ? tavern.ask(testing::get(path))
                                           : tavern.ask(testing::post(path, "{}"));
    EXPECT_EQ(got.status, 401) << path;
    EXPECT_THAT(got.head, HasSubstr("Content-Type: application/json\r\n"));
    EXPECT_THAT(got.body, Not(HasSubstr("title")));
  }
  const auto got = tavern.ask(testing::get("/api/tags", "Authorization: Bearer sesame\r\n"));
  EXPECT_EQ(got.status, 200);
}

TEST(Dialects, AStreamIsChunkedAndEndsWhole) {
  ScriptedModel model(Script{"A penny."});
  testing::Tavern tavern(model, nullptr, "", {}, with_dialects);
  testing::Client client(tavern.server->port());
  client.send(testing::post("/api/chat", chat("scripted"), "Connection: close\r\n"));
  const std::string all = client.read_all();
  EXPECT_THAT(all, HasSubstr("Content-Type: application/x-ndjson\r\n"));
  EXPECT_THAT(all, HasSubstr("Transfer-Encoding: chunked\r\n"));
  EXPECT_THAT(all, ::testing::EndsWith("\r\n0\r\n\r\n"));
}

TEST(Dialects, RepliesAreCountedAndTurnsWhereTheyAreStored) {
  ScriptedModel model(Script{"One two.", "Three."});
  Desk desk(model);
  desk.add_npc({.character = "ida-fenn"});
  desk.add_user("Anna");
  desk.post("/v1/chat/completions", chat("npc/ida-fenn"));
  EXPECT_THAT(desk.metrics.print(), Not(HasSubstr("dramatis_turns_total")));
  EXPECT_THAT(desk.metrics.print(),
              HasSubstr("dramatis_tokens_total{kind=\"generated\",model=\"scripted\"} 2"));
  const std::string stored = chat("npc/ida-fenn", R"(,"user":"Anna","metadata":{"session":"s"})");
  EXPECT_EQ(desk.post("/v1/chat/completions", stored, {{"idempotency-key", "k"}}).status, 200);
  EXPECT_EQ(desk.post("/v1/chat/completions", stored, {{"idempotency-key", "k"}}).status, 200);
  const std::string told = desk.metrics.print();
  EXPECT_THAT(told, HasSubstr("dramatis_turns_total{outcome=\"kept\"} 1"));
  EXPECT_THAT(told, HasSubstr("dramatis_tokens_total{kind=\"generated\",model=\"scripted\"} 3"));
  EXPECT_THAT(told, HasSubstr("dramatis_first_word_seconds_count{model=\"scripted\"} 2"));
  EXPECT_THAT(told, HasSubstr("dramatis_reply_seconds_count{model=\"scripted\"} 2"));
  EXPECT_EQ(desk.post("/v1/chat/completions",
                      chat("npc/ida-fenn", R"(,"user":"Anna","metadata":{"session":"s"})"))
                .status,
            503);
  EXPECT_THAT(desk.metrics.print(), HasSubstr("dramatis_turns_total{outcome=\"unavailable\"} 1"));
}

TEST(Dialects, EveryOneOfThemTellsTheModelWhoPays) {
  ScriptedModel model(Script{"a", "b", "c", "d", "e"});
  Desk desk(model);
  desk.add_npc({.character = "ida-fenn"});
  desk.add_user("Anna");
  desk.who = {.key = accounts::KeyId{7}};
  desk.post("/v1/chat/completions", chat("scripted"));
  desk.post("/v1/chat/completions", chat("npc/ida-fenn"));
  desk.post("/v1/chat/completions",
            chat("npc/ida-fenn", R"(,"user":"Anna","metadata":{"session":"s"})"));
  desk.post("/api/chat", chat("scripted", R"(,"stream":false)"));
  desk.post("/api/v1/generate", kTalk);
  const auto asked = model.asked();
  ASSERT_EQ(asked.size(), 5U);
  for (const auto& prompt : asked)
    EXPECT_EQ(prompt.asker.account, accounts::print_id(accounts::KeyId{7}));
}

TEST(Dialects, ASessionIsAConversationOfTheQuotaToo) {
  ScriptedModel model(Script{"a", "b"});
  Desk desk(model);
  accounts::testing::MemoryKeys keys;
  desk.api.keys = &keys;
  const accounts::Key key{.id = accounts::KeyId{7}, .quota = {.conversations_per_day = 1}};
  ASSERT_TRUE(keys.add(key));
  desk.who = {.key = key.id, .quota = key.quota};
  desk.add_npc({.character = "ida-fenn"});
  desk.add_user("Anna");
  const auto in_session = [&](const char* name) {
    return desk
        .post("/v1/chat/completions",
              chat("npc/ida-fenn",
                   fmt::format(R"(,"user":"Anna","metadata":{{"session":"{}"}})", name)))
        .status;
  };
  EXPECT_EQ(in_session("one"), 200);
  EXPECT_EQ(in_session("two"), 429);
  EXPECT_EQ(in_session("one"), 200);
}

}  // namespace
}  // namespace dramatis::server
