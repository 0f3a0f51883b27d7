#include "server/api.h"

#include <algorithm>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "accounts/testing/memory_keys.h"
#include "accounts/testing/memory_notices.h"
#include "lm/testing/scripted_model.h"
#include "server/testing/step_model.h"
#include "server/testing/tavern.h"

namespace dramatis::server {
namespace {

using accounts::Role;
using lm::testing::ScriptedModel;
using testing::ask;
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
using text::Json;
using Script = std::deque<Result<std::string>>;

// A tavern with Alice, an NPC, and a conversation of the two.
struct Evening {
  explicit Evening(lm::LanguageModel& model, Backstage backstage = {},
                   const lm::HealthSource* health = nullptr)
      : tavern(model, nullptr, "", backstage, nullptr, health) {
    user = tavern.make_user("Alice");
    npc = tavern.make_npc();
    const Got begun = tavern.ask(post("/v1/conversations", beginning()));
    EXPECT_EQ(begun.status, 201) << begun.body;
    talk = string_in(begun, "conversation_id");
  }
  [[nodiscard]] std::string beginning(const std::string& more = "") const {
    return fmt::format(R"({{"npc_id":"{}","user_id":"{}"{}}})", npc, user, more);
  }
  Got say(const std::string& message, const std::string& more = "") {
    return tavern.ask(
        post("/v1/conversations/" + talk + "/turns", R"({"message":")" + message + "\"}", more));
  }
  // An address below the conversation, or a turn.
  [[nodiscard]] std::string of_talk(const std::string& rest) const {
    return "/v1/conversations/" + talk + rest;
  }

  Tavern tavern;
  std::string user, npc, talk;
};

TEST(Api, ConversationsAreBegunListedChangedAndForgotten) {
  ScriptedModel model({});
  Evening evening(model);
  Tavern& tavern = evening.tavern;
  const Got begun = tavern.ask(post(
      "/v1/conversations",
      evening.beginning(
          R"(,"title":"Bread","scene":{"place":"The mill","time":"Dusk"},"note":"Be brief.",)"
          R"("messages":[{"role":"player","content":"Hello"},{"role":"npc","content":"Good day."}])")));
  ASSERT_EQ(begun.status, 201) << begun.body;
  EXPECT_THAT(begun.head, HasSubstr("Location: /v1/conversations/cnv_"));
  const std::string second = string_in(begun, "conversation_id");
  EXPECT_EQ(string_in(begun, "note"), "Be brief.");
  const Json shown = json_of(tavern.ask(get("/v1/conversations/" + second)));
  EXPECT_EQ(*shown.find("scene")->find("time")->as_string(), "Dusk");
  EXPECT_TRUE(*shown.find("current")->as_bool());
  EXPECT_THAT(tavern.ask(get("/v1/conversations/" + second + "/turns")).body,
              HasSubstr(R"("message":"Hello","reply":"Good day.")"));
  const Json listed = json_of(tavern.ask(get("/v1/conversations?limit=1&npc_id=" + evening.npc)));
  ASSERT_EQ(listed.find("conversations")->as_array()->size(), 1U);
  EXPECT_EQ(*listed.find("after")->as_string(), second) << "begun last, listed first";
  EXPECT_THAT(tavern.ask(get("/v1/conversations?after=" + second)).body, HasSubstr(evening.talk));
  const Got changed =
      tavern.ask(ask("PATCH", evening.of_talk(""),
                     R"({"title":"Flour","scene":{"place":"The weir"},"current":true})"));
  EXPECT_EQ(string_in(changed, "title"), "Flour") << changed.body;
  EXPECT_THAT(changed.body, HasSubstr(R"("current":true)"));
  EXPECT_THAT(tavern.ask(ask("PATCH", evening.of_talk(""), R"({"title":null})")).body,
              HasSubstr(R"("title":"")"));
  EXPECT_EQ(tavern.ask(ask("DELETE", "/v1/conversations/" + second)).status, 204);
  EXPECT_EQ(string_in(tavern.ask(get("/v1/conversations/" + second)), "code"),
            "conversation_not_found");
}

TEST(Api, MistakesAreNamedByTheirField) {
  ScriptedModel model({});
  Evening evening(model);
  Tavern& tavern = evening.tavern;
  const auto detail = [&](const std::string& request) {
    const Got got = tavern.ask(request);
    EXPECT_EQ(got.status, 400) << got.body;
    return string_in(got, "detail");
  };
  const auto begin = [&](const std::string& more) {
    return detail(post("/v1/conversations", evening.beginning(more)));
  };
  EXPECT_THAT(begin(R"(,"scene":{"palce":"x"})"), HasSubstr("'scene.palce'"));
  EXPECT_THAT(begin(R"(,"scene":{"place":1})"), HasSubstr("scene.place is no string"));
  EXPECT_THAT(begin(R"(,"messages":[{"role":"king","content":"x"}])"),
              HasSubstr("messages[0].role"));
  EXPECT_THAT(begin(R"(,"messages":[{"role":"player","content":"x"}])"), HasSubstr("messages[0]"));
  EXPECT_THAT(begin(R"(,"messages":{})"), HasSubstr("messages is no list"));
  const auto patch = [&](const std::string& body) {
    return detail(ask("PATCH", "/v1/npcs/" + evening.npc, body));
  };
  EXPECT_THAT(patch(R"({"temperature":"hot"})"), HasSubstr("temperature is no number"));
  EXPECT_THAT(patch(R"({"temperature":9})"), HasSubstr("temperature"));
  EXPECT_THAT(patch(R"({"max_tokens":-1})"), HasSubstr("max_tokens"));
  EXPECT_THAT(patch(R"({"top_p":7})"), HasSubstr("top_p"));
  EXPECT_THAT(patch(R"({"model":"big"})"), HasSubstr("model: "));
  EXPECT_THAT(patch(R"({"adapters":[{"scale":1}]})"), HasSubstr("adapters[0].name is missing"));
  EXPECT_THAT(patch(R"({"colour":"red"})"), HasSubstr("'colour'"));
  EXPECT_THAT(detail(get("/v1/conversations?limit=0")), HasSubstr("limit"));
  EXPECT_THAT(detail(get("/v1/conversations?limit=x")), HasSubstr("limit"));
  EXPECT_THAT(detail(ask("PATCH", evening.of_talk(""), R"({"current":false})")),
              HasSubstr("current"));
}

TEST(Api, AnNpcIsChangedFieldByField) {
  ScriptedModel model({});
  Evening evening(model);
  Tavern& tavern = evening.tavern;
  const std::string path = "/v1/npcs/" + evening.npc;
  const Got changed = tavern.ask(ask("PATCH", path, R"({"max_tokens":50,"top_k":5})"));
  ASSERT_EQ(changed.status, 200) << changed.body;
  const Json settings = *json_of(tavern.ask(get(path))).find("settings");
  EXPECT_EQ(*settings.find("max_tokens")->as_int(), 50);
  EXPECT_EQ(*settings.find("character")->as_string(), "ida-fenn") << "the rest stays";
  tavern.ask(ask("PATCH", path, R"({"max_tokens":null})"));
  EXPECT_EQ(json_of(tavern.ask(get(path))).find("settings")->find("max_tokens"), nullptr)
      << "usual again";
  EXPECT_EQ(tavern.ask(ask("DELETE", path)).status, 204);
  EXPECT_EQ(tavern.ask(get(path)).status, 404);
}

TEST(Api, ATurnIsTakenAnsweredAnewChosenAndEdited) {
  ScriptedModel model(Script{"A penny.", "Two pence."});
  Evening evening(model);
  Tavern& tavern = evening.tavern;
  const Got said = evening.say("Bread?");
  ASSERT_EQ(said.status, 200) << said.body;
  const std::string path = "/v1/turns/" + string_in(said, "turn_id");
  EXPECT_EQ(string_in(said, "conversation_id"), evening.talk);
  const Got again = tavern.ask(ask("POST", path + "/regenerate"));
  EXPECT_EQ(string_in(again, "reply"), "Two pence.") << again.body;
  EXPECT_EQ(*json_of(again).find("alternatives")->as_int(), 2);
  const Got chosen = tavern.ask(ask("PATCH", path, R"({"chosen":0})"));
  EXPECT_EQ(string_in(chosen, "reply"), "A penny.");
  EXPECT_EQ(tavern.ask(ask("PATCH", path, R"({"chosen":7})")).status, 400);
  EXPECT_EQ(tavern.ask(ask("PATCH", path, "{}")).status, 400);
  const Got edited = tavern.ask(ask("PATCH", path, R"({"message":"Cake?","reply":"No."})"));
  EXPECT_EQ(string_in(edited, "message"), "Cake?");
  EXPECT_EQ(string_in(edited, "reply"), "No.");
  const Got whole = tavern.ask(get(path + "?after=1"));
  EXPECT_EQ(string_in(whole, "text"), "o.");
  EXPECT_EQ(json_of(whole).find("replies")->as_array()->size(), 3U);
  EXPECT_EQ(tavern.ask(get(path + "?after=9")).status, 400);
  const Got why = tavern.ask(get(path + "/explain"));
  EXPECT_EQ(why.status, 200);
  EXPECT_THAT(why.body, HasSubstr(R"("prompt_sha256":")"));
  EXPECT_THAT(why.body, HasSubstr(R"("sections":[)"));
}

TEST(Api, AReplyIsMadeAgain) {
  ScriptedModel model(Script{"A penny.", "A penny."});
  Evening evening(model);
  const std::string turn = string_in(evening.say("Bread?"), "turn_id");
  const Got made = evening.tavern.ask(ask("POST", "/v1/turns/" + turn + "/replay"));
  EXPECT_THAT(made.body, HasSubstr(R"("same_prompt":true,"same_reply":true)"));
}

TEST(Api, ConversationsAreBranchedUndoneResetAndTakenAlong) {
  ScriptedModel model(Script{"One.", "Two."});
  Evening evening(model);
  Tavern& tavern = evening.tavern;
  const std::string first = string_in(evening.say("1"), "turn_id");
  const std::string second = string_in(evening.say("2"), "turn_id");
  EXPECT_EQ(tavern.ask(ask("POST", "/v1/turns/" + first + "/regenerate")).status, 409);
  const Got branch =
      tavern.ask(post(evening.of_talk("/branch"), R"({"turn_id":")" + first + "\"}"));
  ASSERT_EQ(branch.status, 201) << branch.body;
  EXPECT_EQ(string_in(branch, "branched_after"), first);
  const std::string other = string_in(branch, "conversation_id");
  const std::string turns = tavern.ask(get("/v1/conversations/" + other + "/turns")).body;
  EXPECT_THAT(turns, HasSubstr("One."));
  EXPECT_THAT(turns, Not(HasSubstr("Two.")));
  EXPECT_EQ(
      tavern.ask(post("/v1/conversations/" + other + "/branch", R"({"turn_id":")" + first + "\"}"))
          .status,
      404)
      << "it is a turn of another conversation";
  const Got lines = tavern.ask(get(evening.of_talk("/export")));
  EXPECT_THAT(lines.head, HasSubstr("Content-Type: application/jsonl\r\n"));
  EXPECT_THAT(lines.head, HasSubstr("Content-Disposition: attachment"));
  EXPECT_EQ(std::ranges::count(lines.body, '\n'), 3);
  const Got page = tavern.ask(get(evening.of_talk("/turns?limit=1&before=" + second)));
  EXPECT_THAT(page.body, HasSubstr("One."));
  EXPECT_THAT(page.body, Not(HasSubstr("Two.")));
  EXPECT_THAT(tavern.ask(ask("POST", evening.of_talk("/undo"))).body, HasSubstr("Two."));
  EXPECT_EQ(tavern.ask(ask("POST", evening.of_talk("/reset"))).body, R"({"removed":1})");
  EXPECT_EQ(tavern.ask(ask("POST", evening.of_talk("/undo"))).body, R"({"removed":null})");
}

TEST(Api, TheNpcSpeaksFirst) {
  ScriptedModel model(Script{"Good day."});
  Evening evening(model);
  const Got greeted = evening.tavern.ask(ask("POST", evening.of_talk("/greet")));
  EXPECT_EQ(greeted.status, 200) << greeted.body;
  EXPECT_TRUE(json_of(greeted).find("message")->is_null());
  EXPECT_EQ(evening.tavern.ask(ask("POST", evening.of_talk("/greet"))).status, 409);
}

TEST(Api, TellsWhichTurnItStreams) {
  ScriptedModel model(Script{"A penny."});
  Evening evening(model);
  Client client(evening.tavern.server->port());
  client.send(
      post(evening.of_talk("/turns"), R"({"message":"Bread?"})", "Accept: text/event-stream\r\n"));
  const std::string all = client.read_to("0\r\n\r\n");
  EXPECT_LT(all.find("event: started\ndata: {\"turn_id\":\"trn_"), all.find("event: text"));
  EXPECT_THAT(all, HasSubstr("event: done\ndata: {\"turn_id\":\"trn_"));
}

TEST(Api, AnswersLaterForThoseWhoCannotStream) {
  StepModel model;
  Evening evening(model);
  Tavern& tavern = evening.tavern;
  const Got later = evening.say("Count.", "Prefer: respond-async\r\n");
  ASSERT_EQ(later.status, 202) << later.body;
  const std::string path = "/v1/turns/" + string_in(later, "turn_id");
  EXPECT_THAT(later.head, HasSubstr("Location: " + path + "\r\n"));
  model.begun.wait();
  const auto state = [&] { return json_of(tavern.ask(get(path + "?after=0"))); };
  while (state().find("text")->as_string()->empty()) std::this_thread::yield();
  EXPECT_EQ(*state().find("text")->as_string(), "One");
  EXPECT_FALSE(*state().find("done")->as_bool());
  EXPECT_EQ(tavern.ask(get(path + "?after=5")).status, 400);
  model.go_on();
  while (!*state().find("done")->as_bool()) std::this_thread::yield();
  EXPECT_EQ(string_in(tavern.ask(get(path + "?after=4")), "text"), "two.");
  EXPECT_EQ(*state().find("turn")->find("reply")->as_string(), "One two.");
  EXPECT_EQ(tavern.ask(ask("POST", path + "/cancel")).status, 409) << "it has ended";
}

TEST(Api, WhatWasPutOffEndsBeforeTheService) {
  StepModel model;
  Evening evening(model);
  ASSERT_EQ(evening.say("Count.", "Prefer: respond-async\r\n").status, 202);
  model.begun.wait();
  std::jthread ending([&] { evening.tavern.server->stop(); });
  model.go_on();
  ending.join();
  const dialogue::Store& store = evening.tavern.store;
  const auto turns = store.newest_turns(*parse_conversation_id(evening.talk), 9).value();
  ASSERT_EQ(turns.size(), 1U);
  EXPECT_EQ(turns.front().spoken.reply, "One two.");
}

TEST(Api, ATurnUnderWayIsCancelled) {
  StepModel model;
  Evening evening(model);
  Tavern& tavern = evening.tavern;
  const std::string turn = string_in(evening.say("Count.", "Prefer: respond-async\r\n"), "turn_id");
  model.begun.wait();
  EXPECT_EQ(tavern.ask(ask("POST", "/v1/turns/" + turn + "/cancel")).status, 204);
  model.stopped.wait();
  const auto state = [&] { return json_of(tavern.ask(get("/v1/turns/" + turn))); };
  while (!*state().find("done")->as_bool()) std::this_thread::yield();
  EXPECT_EQ(*state().find("problem")->find("code")->as_string(), "cancelled");
  EXPECT_THAT(tavern.ask(get(evening.of_talk("/turns"))).body, HasSubstr(R"("turns":[])"));
}

TEST(Api, WhereNoModelAnswersTheNpcHasALine) {
  ScriptedModel model({});
  Evening evening(model);
  const Got got = evening.say("Bread?");
  EXPECT_EQ(got.status, 503);
  EXPECT_THAT(got.head, HasSubstr("Retry-After: "));
  const auto& lines = evening.tavern.cast.find_member("ida-fenn")->sheet.does_not_know;
  const std::string line = string_in(got, "line");
  EXPECT_FALSE(line.empty());
  if (!lines.empty()) {
    EXPECT_NE(std::ranges::find(lines, line), lines.end());
  }
  EXPECT_THAT(evening.tavern.ask(get(evening.of_talk("/turns"))).body, HasSubstr(R"("turns":[])"))
      << "nothing of it is stored";
}

TEST(Api, WhatAPostMakesIsMadeOnceForAKey) {
  ScriptedModel model(Script{"Once."});
  Evening evening(model);
  Tavern& tavern = evening.tavern;
  const std::string key = "Idempotency-Key: k1\r\n";
  for (const auto& [path, body] : std::vector<std::pair<std::string, std::string>>{
           {"/v1/users", R"({"username":"Bob"})"},
           {"/v1/npcs", R"({"character":"ida-fenn"})"},
           {"/v1/conversations", evening.beginning()}}) {
    const Got first = tavern.ask(post(path, body, key));
    const Got again = tavern.ask(post(path, body, key));
    EXPECT_EQ(first.status, 201) << first.body;
    EXPECT_EQ(again.status, 201);
    EXPECT_EQ(first.body, again.body) << path;
    EXPECT_EQ(tavern.ask(post(path, body + " ", key)).status, 409) << path;
  }
  EXPECT_EQ(json_of(tavern.ask(get("/v1/users"))).find("users")->as_array()->size(), 2U);
  EXPECT_EQ(tavern.ask(ask("POST", evening.of_talk("/greet"), "", key)).body,
            tavern.ask(ask("POST", evening.of_talk("/greet"), "", key)).body);
  EXPECT_EQ(evening.say("Hi", key).body, evening.say("Hi", key).body);
  EXPECT_EQ(tavern.ask(post("/v1/users", "{", key + "X-A: b\r\n")).status, 409);
  EXPECT_EQ(tavern
                .ask(post("/v1/users", R"({"username":"Eve"})",
                          "Idempotency-Key: " + std::string(200, 'k') + "\r\n"))
                .status,
            400);
}

// Keys of all kinds, made over the API itself.
struct Keyed {
  explicit Keyed(lm::LanguageModel& model, const lm::HealthSource* health = nullptr)
      : evening(model, {.keys = &keys}, health) {
    owner = make(R"({"role":"owner"})", "");
    alice = make(R"({"role":"player","user_id":")" + evening.user + R"(","name":"Alice's",)" +
                     R"("quota":{"requests_per_minute":1000,"tokens_per_day":250}})",
                 owner);
  }
  std::string make(const std::string& body, const std::string& by) {
    const Got got = evening.tavern.ask(post("/v1/keys", body, with(by)));
    EXPECT_EQ(got.status, 201) << got.body;
    return string_in(got, "key");
  }
  static std::string with(const std::string& key) {
    return key.empty() ? "" : "Authorization: Bearer " + key + "\r\n";
  }

  accounts::testing::MemoryKeys keys;
  Evening evening;
  std::string owner, alice;
};

TEST(Api, KeysAreMadeShownOnceAndRevoked) {
  ScriptedModel model({});
  Keyed keyed(model);
  Tavern& tavern = keyed.evening.tavern;
  const std::string as_owner = Keyed::with(keyed.owner);
  EXPECT_EQ(tavern.ask(get("/v1/keys")).status, 401) << "from the first key on";
  const Got listed = tavern.ask(get("/v1/keys", as_owner));
  EXPECT_THAT(listed.body, HasSubstr(R"("name":"Alice's")"));
  EXPECT_THAT(listed.body, Not(HasSubstr(keyed.alice)));
  EXPECT_THAT(listed.body, Not(HasSubstr(accounts::digest_of(keyed.alice))));
  const Json all = *json_of(listed).find("keys");
  const std::string owner_id = *(*all.as_array())[0].find("key_id")->as_string();
  const std::string alice_id = *(*all.as_array())[1].find("key_id")->as_string();
  EXPECT_EQ(tavern.ask(ask("DELETE", "/v1/keys/" + owner_id, "", as_owner)).status, 409)
      << "the last owner's";
  EXPECT_EQ(string_in(tavern.ask(get("/v1/me", Keyed::with(keyed.alice))), "username"), "Alice");
  EXPECT_EQ(tavern.ask(ask("DELETE", "/v1/keys/" + alice_id, "", as_owner)).status, 204);
  EXPECT_EQ(tavern.ask(get("/v1/me", Keyed::with(keyed.alice))).status, 401);
  const auto refused = [&](const std::string& body) {
    return tavern.ask(post("/v1/keys", body, as_owner)).status;
  };
  EXPECT_EQ(refused(R"({"role":"king"})"), 400);
  EXPECT_EQ(refused(R"({"role":"player"})"), 400);
  EXPECT_EQ(refused(R"({"role":"player","user_id":"usr_0000000000000000"})"), 404);
  EXPECT_EQ(refused(R"({"role":"writer","quota":{"requests_per_minute":-1}})"), 400);
}

// X9, U6: a stream ends when its key is revoked, and nothing of it is kept.
TEST(Api, AStreamEndsWithItsKey) {
  StepModel model;
  Keyed keyed(model);
  Tavern& tavern = keyed.evening.tavern;
  const std::string as_owner = Keyed::with(keyed.owner);
  Client client(tavern.server->port());
  client.send(post(keyed.evening.of_talk("/turns"), R"({"message":"Count."})",
                   Keyed::with(keyed.alice) + "Accept: text/event-stream\r\n"));
  EXPECT_THAT(client.read_to("event: text\n"), HasSubstr("200 OK"));
  const Json all = *json_of(tavern.ask(get("/v1/keys", as_owner))).find("keys");
  const std::string id = *(*all.as_array())[1].find("key_id")->as_string();
  EXPECT_EQ(tavern.ask(ask("DELETE", "/v1/keys/" + id, "", as_owner)).status, 204);
  model.go_on();
  const std::string rest = client.read_to("0\r\n\r\n");
  EXPECT_THAT(rest, HasSubstr("event: error"));
  EXPECT_THAT(rest, Not(HasSubstr("two.")));
  EXPECT_THAT(tavern.ask(get(keyed.evening.of_talk("/turns"), as_owner)).body,
              HasSubstr(R"("turns":[])"));
}

TEST(Api, TheFirstKeyIsAnOwners) {
  ScriptedModel model({});
  accounts::testing::MemoryKeys keys;
  Tavern tavern(model, nullptr, "", {.keys = &keys});
  EXPECT_EQ(tavern.ask(post("/v1/keys", R"({"role":"writer"})")).status, 409);
  ScriptedModel other({});
  Tavern without(other);
  EXPECT_EQ(without.ask(get("/v1/keys")).status, 422);
}

// U8, and a quota of tokens: what a turn may cost is reserved before it.
TEST(Api, QuotasRefuseInTimeAndSayWhenToComeAgain) {
  ScriptedModel model(Script{"A penny.", "A penny.", "A penny."});
  Keyed keyed(model);
  Tavern& tavern = keyed.evening.tavern;
  const auto say = [&](const std::string& key) {
    return tavern.ask(
        post(keyed.evening.of_talk("/turns"), R"({"message":"Bread?"})", Keyed::with(key)));
  };
  ASSERT_EQ(say(keyed.alice).status, 200);
  ASSERT_EQ(tavern
                .ask(ask("PATCH", "/v1/npcs/" + keyed.evening.npc, R"({"max_tokens":260})",
                         Keyed::with(keyed.owner)))
                .status,
            200);
  const Got refused = say(keyed.alice);
  EXPECT_EQ(refused.status, 429) << refused.body;
  EXPECT_THAT(refused.head, HasSubstr("Retry-After: "));
  EXPECT_EQ(string_in(refused, "code"), "too_many_requests");
  EXPECT_EQ(say(keyed.owner).status, 200) << "another key is another account";
  const std::string few =
      keyed.make(R"({"role":"writer","quota":{"requests_per_minute":2,"conversations_per_day":1}})",
                 keyed.owner);
  const auto begin = [&] {
    return tavern.ask(post("/v1/conversations", keyed.evening.beginning(), Keyed::with(few)))
        .status;
  };
  EXPECT_EQ(begin(), 201);
  EXPECT_EQ(begin(), 429) << "one conversation a day";
  EXPECT_EQ(begin(), 429) << "two requests a minute";
}

TEST(Api, APlayerSeesNoThoughtsNotesOrSettings) {
  ScriptedModel model(Script{"#SCRATCHPAD: He wants bread. #ANSWER: A penny."});
  Keyed keyed(model);
  Evening& evening = keyed.evening;
  Tavern& tavern = evening.tavern;
  const std::string as_owner = Keyed::with(keyed.owner);
  const std::string as_alice = Keyed::with(keyed.alice);
  tavern.ask(ask("PATCH", "/v1/npcs/" + evening.npc, R"({"has_scratchpad":true})", as_owner));
  tavern.ask(ask("PATCH", evening.of_talk(""), R"({"note":"He lies."})", as_owner));
  const Got said = tavern.ask(post(evening.of_talk("/turns"), R"({"message":"Bread?"})", as_alice));
  ASSERT_EQ(said.status, 200) << said.body;
  const std::string turn = string_in(said, "turn_id");
  for (const std::string& path :
       {evening.of_talk(""), evening.of_talk("/turns"), evening.of_talk("/export"),
        "/v1/turns/" + turn, std::string("/v1/conversations"), "/v1/npcs/" + evening.npc,
        "/v1/npcs/" + evening.npc + "/history"}) {
    const Got got = tavern.ask(get(path, as_alice));
    EXPECT_EQ(got.status, 200) << path;
    for (const char* hidden : {"wants bread", "He lies", "settings", "account"})
      EXPECT_THAT(got.body, Not(HasSubstr(hidden))) << path;
  }
  EXPECT_THAT(tavern.ask(get("/v1/turns/" + turn, as_owner)).body, HasSubstr("wants bread"));
  EXPECT_EQ(tavern.ask(get("/v1/turns/" + turn + "/explain", as_alice)).status, 403);
  const auto tell = [&](const char* method, const std::string& path, const std::string& body) {
    return tavern.ask(ask(method, path, body, as_alice)).status;
  };
  EXPECT_EQ(tell("PATCH", evening.of_talk(""), R"({"scene":{"player_is":"the king"}})"), 403);
  EXPECT_EQ(tell("PATCH", evening.of_talk(""), R"({"note":"Tell all."})"), 403);
  EXPECT_EQ(tell("POST", "/v1/conversations", evening.beginning(R"(,"messages":[])")), 403);
  EXPECT_EQ(tell("PATCH", "/v1/turns/" + turn, R"({"reply":"The secret is ..."})"), 403);
  EXPECT_EQ(tell("PATCH", "/v1/turns/" + turn, R"({"message":"Cake?"})"), 200);
}

TEST(Api, MetricsCountAndNameNobody) {
  ScriptedModel model(Script{"A penny."});
  Evening evening(model);
  evening.say("A question of mine");
  const std::string body = evening.tavern.ask(get("/metrics")).body;
  for (const char* series :
       {"dramatis_http_requests_total{method=\"POST\",route=\"/v1/conversations/{conversation}/"
        "turns\",status=\"200\"} 1",
        "dramatis_turns_total{outcome=\"kept\"} 1", "dramatis_tokens_total{kind=\"generated\"",
        "dramatis_first_word_seconds_bucket", "dramatis_reply_seconds_count",
        "dramatis_queue_waiting 0", "dramatis_model_up{model=\"scripted\"} 1",
        "dramatis_build_info{version=\"1.2.3\"} 1", "dramatis_connections ",
        "process_resident_memory_bytes "}) {
    EXPECT_THAT(body, HasSubstr(series));
  }
  for (const std::string& hidden : {evening.user, evening.npc, evening.talk, std::string("Alice"),
                                    std::string("question"), std::string("penny")}) {
    EXPECT_THAT(body, Not(HasSubstr(hidden)));
  }
}

TEST(Api, TheLogTellsOfRequestsWithoutAWordOfAnybody) {
  ScriptedModel model(Script{"A penny."});
  runtime::SilentSink silence;
  LogLines lines(silence);
  const SystemClock clock;
  runtime::Log log(lines, clock);
  Evening evening(model, {.log = &log, .lines = &lines});
  evening.say("A question of mine", "X-Canary: canary\r\n");
  evening.tavern.ask(get("/v1/nothing/canary?canary=1"));
  evening.tavern.ask("CANARY /v1/npcs HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const std::string told = evening.tavern.ask(get("/v1/logs")).body;
  EXPECT_THAT(told, HasSubstr(R"("route":"/v1/conversations/{conversation}/turns","status":200)"));
  EXPECT_THAT(told, HasSubstr(R"("route":"none","status":404)"));
  for (const char* hidden : {"question", "penny", "canary", "CANARY", "Alice"})
    EXPECT_THAT(told, Not(HasSubstr(hidden)));
  const Json first = json_of(evening.tavern.ask(get("/v1/logs?after=1")));
  EXPECT_EQ(*(*first.find("lines")->as_array())[0].find("n")->as_int(), 2);
}

TEST(Api, ShowsWhatTheModelWouldBeTold) {
  ScriptedModel model({});
  Evening evening(model);
  const Got got = evening.tavern.ask(post(evening.of_talk("/preview"), R"({"message":"Bread?"})"));
  EXPECT_EQ(got.status, 200) << got.body;
  EXPECT_THAT(got.body, HasSubstr("Bread?"));
  EXPECT_THAT(got.body, HasSubstr(R"({"role":"system","content":")"));
  EXPECT_TRUE(model.asked().empty());
}

// X8, X6: what a stranger writes is no header, and what is answered is no page.
TEST(Api, NoNameBecomesAHeader) {
  ScriptedModel model({});
  Evening evening(model);
  Tavern& tavern = evening.tavern;
  EXPECT_EQ(tavern.ask(post("/v1/users", R"({"username":"a\r\nSet-Cookie: b"})")).status, 400);
  const Got begun = tavern.ask(
      post("/v1/conversations", evening.beginning(R"(,"title":"<script>\r\nX: y</script>")")));
  const Got lines =
      tavern.ask(get("/v1/conversations/" + string_in(begun, "conversation_id") + "/export"));
  EXPECT_THAT(lines.head, Not(HasSubstr("X: y")));
  for (const char* header :
       {"X-Content-Type-Options: nosniff\r\n", "X-Frame-Options: DENY\r\n",
        "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n",
        "Cross-Origin-Resource-Policy: same-origin\r\n", "Referrer-Policy: no-referrer\r\n"}) {
    EXPECT_THAT(lines.head, HasSubstr(header));
  }
}

// J8: a body that is no JSON of ours, at an address of each kind.
TEST(Api, BodiesThatAreNoneAreRefused) {
  ScriptedModel model({});
  Evening evening(model);
  const std::string deep(3000, '[');
  for (const std::string& body :
       {std::string("{"), std::string("[]"), std::string("1"), deep,
        std::string(R"({"message":"a","message":"b"})"), std::string(R"({"message":"\ud800"})"),
        std::string("{\"message\":\"\xC3\x28\"}"), std::string(R"({"message":1e999})"),
        std::string("\xEF\xBB\xBF{}"), std::string(R"({"message":"a"} x)"),
        std::string(R"({"message":NaN})")}) {
    const Got got = evening.tavern.ask(post(evening.of_talk("/turns"), body));
    EXPECT_TRUE(got.status == 400 || got.status == 413) << got.status << body.substr(0, 40);
  }
}

TEST(Api, SaysHowItIs) {
  ScriptedModel model({});
  Evening evening(model);
  Tavern& tavern = evening.tavern;
  EXPECT_EQ(tavern.ask(get("/livez")).body, R"({"status":"ok"})");
  EXPECT_EQ(tavern.ask(get("/readyz")).body, R"({"status":"ready"})");
  EXPECT_THAT(tavern.ask(get("/health")).body, HasSubstr(R"("status":"ok")"));
  EXPECT_THAT(tavern.ask(get("/health")).body, HasSubstr(R"("version":"1.2.3")"));
  evening.say("Hi");
  EXPECT_THAT(tavern.ask(get("/health")).body, HasSubstr(R"("state":"down")"))
      << "its last answer was none";
  EXPECT_EQ(string_in(tavern.ask(get("/v1/models/scripted")), "object"), "model");
  EXPECT_EQ(tavern.ask(get("/v1/models/other")).status, 404);
}

// Three services that a router looks after, as a test says they are.
class Places final : public lm::HealthSource {
 public:
  explicit Places(std::vector<lm::EndpointHealth> all) : all_(std::move(all)) {}
  [[nodiscard]] std::vector<lm::EndpointHealth> health() const override { return all_; }
  void all_are(lm::EndpointState state) {
    for (auto& place : all_) place.state = state;
  }

 private:
  std::vector<lm::EndpointHealth> all_;
};

TEST(Api, IsReadyWhileOneServiceOfOneModelCanBeAsked) {
  ScriptedModel model({});
  Places places({{.name = "big at 10.0.0.7:8000", .in_flight = 2},
                 {.name = "big at 10.0.0.8:8000",
                  .state = lm::EndpointState::kDown,
                  .lasted = std::chrono::hours(1),
                  .last_error = "10.0.0.8:8000 refused the connection."}});
  Evening evening(model, {}, &places);
  Tavern& tavern = evening.tavern;
  EXPECT_EQ(tavern.ask(get("/readyz")).status, 200);
  const Json health = json_of(tavern.ask(get("/health")));
  const Json& first = health.find("models")->as_array()->front();
  EXPECT_EQ(*first.find("state")->as_string(), "up");
  const auto& shown = *first.find("places")->as_array();
  EXPECT_EQ(*shown[0].find("state")->as_string(), "up");
  EXPECT_EQ(*shown[0].find("detail")->as_string(), "It answers.");
  EXPECT_EQ(*shown[1].find("state")->as_string(), "down");
  EXPECT_EQ(*shown[1].find("detail")->as_string(),
            "It failed, and is left alone for a while. Last failure: 10.0.0.8:8000 refused the "
            "connection.");
  EXPECT_LT(*shown[1].find("since")->as_string(), *shown[0].find("since")->as_string());
  EXPECT_THAT(tavern.ask(get("/metrics")).body,
              HasSubstr("dramatis_model_up{model=\"scripted\"} 1"));

  places.all_are(lm::EndpointState::kDown);
  const Got ready = tavern.ask(get("/readyz"));
  EXPECT_EQ(ready.status, 503);
  EXPECT_THAT(string_in(ready, "detail"), HasSubstr("No model can answer"));
  EXPECT_THAT(ready.body, Not(HasSubstr("10.0.0")));
  EXPECT_EQ(tavern.ask(get("/health")).status, 503);
  EXPECT_THAT(tavern.ask(get("/metrics")).body,
              HasSubstr("dramatis_model_up{model=\"scripted\"} 0"));
  EXPECT_EQ(string_in(tavern.ask(get("/v1/models/scripted")), "state"), "down");
  places.all_are(lm::EndpointState::kHalfOpen);
  EXPECT_EQ(tavern.ask(get("/readyz")).status, 200) << "the next request may mend it";
}

TEST(Api, PlayersLearnNoAddressFromHealth) {
  ScriptedModel model({});
  Places places({{.name = "big at 10.0.0.7:8000"}});
  Keyed keyed(model, &places);
  const Got got = keyed.evening.tavern.ask(get("/health", Keyed::with(keyed.alice)));
  EXPECT_EQ(got.status, 200);
  EXPECT_THAT(got.body, Not(HasSubstr("10.0.0")));
}

TEST(Api, AStreamTellsOfThoughtsAndShowsNone) {
  ScriptedModel model(Script{"#SCRATCHPAD: He wants bread. #ANSWER: A penny.", "Two."});
  Evening evening(model);
  Tavern& tavern = evening.tavern;
  tavern.ask(ask("PATCH", "/v1/npcs/" + evening.npc, R"({"has_scratchpad":true})"));
  const auto streamed = [&](const std::string& message) {
    Client client(tavern.server->port());
    client.send(post(evening.of_talk("/turns"), R"({"message":")" + message + "\"}",
                     "Accept: text/event-stream\r\n"));
    return client.read_to("0\r\n\r\n");
  };
  const std::string told = streamed("Bread?");
  const std::size_t started = told.find("event: started");
  const std::size_t thinking = told.find("event: thinking\ndata: {}\n\n");
  const std::size_t text = told.find("event: text");
  ASSERT_NE(thinking, told.npos) << told;
  EXPECT_LT(started, thinking);
  EXPECT_LT(thinking, text);
  EXPECT_EQ(told.find("event: thinking", thinking + 1), told.npos) << "once";
  EXPECT_THAT(told.substr(0, told.find("event: done")), Not(HasSubstr("wants")));
  tavern.ask(ask("PATCH", "/v1/npcs/" + evening.npc, R"({"has_scratchpad":false})"));
  const std::string second = streamed("Two?");
  EXPECT_THAT(second, HasSubstr("event: done"));
  EXPECT_THAT(second, Not(HasSubstr("thinking")));
}

TEST(Api, WhoAsksPays) {
  ScriptedModel model(Script{"One.", "Two.", "Three."});
  Keyed keyed(model);
  Evening& evening = keyed.evening;
  evening.tavern.ask(
      post(evening.of_talk("/turns"), R"({"message":"Bread?"})", Keyed::with(keyed.alice)));
  evening.tavern.ask(
      post(evening.of_talk("/turns"), R"({"message":"Cake?"})", Keyed::with(keyed.owner)));
  const auto asked = model.asked();
  ASSERT_EQ(asked.size(), 2U);
  EXPECT_THAT(asked[0].asker.account, ::testing::StartsWith("key_"));
  EXPECT_THAT(asked[1].asker.account, ::testing::StartsWith("key_"));
  EXPECT_NE(asked[0].asker.account, asked[1].asker.account);
}

// Two servers of one service: what is kept, and what they tell each other.
struct TwoServers {
  explicit TwoServers(lm::LanguageModel& model)
      : first(model, &store, "", {.notices = &notices}),
        second(model, &store, "", {.notices = &notices}) {
    user = first.make_user("Alice");
    npc = first.make_npc();
  }
  Got put_off() { return first.ask(Tavern::say(npc, user, "Bread?", "Prefer: respond-async\r\n")); }
  // What the second server says of the turn, once that holds `word`.
  Json poll(const std::string& turn, const std::string& word) {
    for (;;) {
      const Got got = second.ask(get("/v1/turns/" + turn + "?after=0"));
      EXPECT_EQ(got.status, 200) << got.body;
      if (got.status != 200 || got.body.find(word) != got.body.npos) return json_of(got);
      std::this_thread::yield();
    }
  }

  dialogue::testing::MemoryStore store;
  accounts::testing::MemoryNotices notices;
  Tavern first, second;
  std::string user, npc;
};

TEST(Api, AnyServerTellsOfATurnThatAnotherMakes) {
  StepModel model;
  TwoServers servers(model);
  const Got later = servers.put_off();
  ASSERT_EQ(later.status, 202);
  const std::string turn = string_in(later, "turn_id");
  model.begun.wait();
  const Json running = json_of(servers.second.ask(get("/v1/turns/" + turn + "?after=4")));
  EXPECT_FALSE(*running.find("done")->as_bool());
  EXPECT_EQ(*running.find("text")->as_string(), "");
  model.go_on();
  const Json done = servers.poll(turn, R"("done":true)");
  EXPECT_EQ(*done.find("text")->as_string(), "One two.");
}

TEST(Api, AnyServerTellsOfATurnThatFailedElsewhere) {
  StepModel model;
  model.breaks = true;
  TwoServers servers(model);
  const std::string turn = string_in(servers.put_off(), "turn_id");
  model.begun.wait();
  model.go_on();
  const Json done = servers.poll(turn, R"("done":true)");
  EXPECT_EQ(*done.find("problem")->find("status")->as_int(), 503);
}

TEST(Api, ATurnIsCancelledThroughAnyServer) {
  StepModel model;
  TwoServers servers(model);
  const std::string turn = string_in(servers.put_off(), "turn_id");
  model.begun.wait();
  EXPECT_EQ(servers.second.ask(post("/v1/turns/" + turn + "/cancel", "")).status, 204);
  EXPECT_EQ(servers.second.ask(post("/v1/turns/trn_0123456789abcdef/cancel", "")).status, 404);
  model.go_on();
  const Json done = servers.poll(turn, R"("done":true)");
  EXPECT_EQ(*done.find("problem")->find("status")->as_int(), 499);
}

TEST(Api, APostOfAnotherServersKeyMakesNothingNew) {
  ScriptedModel model({});
  TwoServers servers(model);
  const std::string key = "Idempotency-Key: once\r\n";
  const std::string body = R"({"character":"tom-reed"})";
  const Got made = servers.first.ask(post("/v1/npcs", body, key));
  const Got again = servers.second.ask(post("/v1/npcs", body, key));
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(made.body, again.body);
  EXPECT_EQ(servers.second.ask(post("/v1/npcs", R"({"character":"ida-fenn"})", key)).status, 409);
  EXPECT_EQ(servers.store.list_npcs()->size(), 2U);
}

}  // namespace
}  // namespace dramatis::server
