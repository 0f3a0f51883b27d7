#include "server/arena_routes.h"

#include <filesystem>
#include <map>
#include <sstream>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "accounts/testing/memory_keys.h"
#include "arena/testing/memory_store.h"
#include "lm/testing/scripted_model.h"
#include "server/openapi.h"
#include "server/testing/schema_reader.h"
#include "server/testing/step_model.h"
#include "server/testing/tavern.h"

namespace dramatis::server {
namespace {

using lm::testing::ScriptedModel;
using testing::Got;
using ::testing::HasSubstr;
using ::testing::Not;

// A tavern with a desk for its NPCs' talks.
struct Hall {
  explicit Hall(lm::LanguageModel& model, accounts::Keys* keys = nullptr)
      : tavern(model, nullptr, "", {.keys = keys}, [this](ServerOptions& options) {
          options.more.emplace_back([this](const Api& api) {
            desk = std::make_unique<ArenaDesk>(api.with, talks);
            return arena_routes(*desk);
          });
        }) {}
  ~Hall() {
    if (desk != nullptr) desk->stop_all();
    tavern.server->stop();
  }
  std::string begin(const std::string& more = "") {
    const std::string ida = tavern.make_npc();
    const std::string tom = tavern.make_npc(R"({"character":"tom-reed","has_scratchpad":false})");
    const Got got = tavern.ask(testing::post(
        "/v1/arenas",
        fmt::format(R"({{"npcs":[{{"npc_id":"{}"}},{{"npc_id":"{}"}}]{}}})", ida, tom, more)));
    EXPECT_EQ(got.status, 201) << got.body;
    return "/v1/arenas/" + testing::string_in(got, "id");
  }
  Got post(const std::string& path, const std::string& body = "{}") {
    return tavern.ask(testing::post(path, body));
  }
  Got get(const std::string& path) { return tavern.ask(testing::get(path)); }
  std::string watch(const std::string& path) {
    testing::Client client(tavern.server->port());
    client.send(testing::get(path + "/events"));
    return client.read_to("event: end");
  }

  arena::testing::MemoryStore talks;
  std::unique_ptr<ArenaDesk> desk;
  testing::Tavern tavern;
};

TEST(ArenaRoutes, ATalkIsBegunRunWatchedAndRead) {
  ScriptedModel model({"One.", "Two.", "Three."});
  Hall hall(model);
  const std::string path = hall.begin();
  EXPECT_EQ(hall.post(path + "/run", R"({"lines":2})").status, 202);
  const std::string heard = hall.watch(path);
  EXPECT_THAT(heard, HasSubstr(R"("text":"One.")"));
  EXPECT_THAT(heard, HasSubstr(R"("text":"Two.")"));
  EXPECT_THAT(heard, HasSubstr("event: begins"));
  const Got turn = hall.post(path + "/turns");
  EXPECT_EQ(turn.status, 200) << turn.body;
  EXPECT_EQ(testing::string_in(turn, "text"), "Three.");
  EXPECT_EQ(*testing::json_of(turn).find("place")->as_int(), 2);
  const Got whole = hall.get(path);
  EXPECT_THAT(whole.body, HasSubstr("Three."));
  EXPECT_THAT(whole.body, HasSubstr(R"("running":false)"));
  EXPECT_THAT(hall.get("/v1/arenas").body, HasSubstr(path.substr(11)));
  EXPECT_EQ(*testing::json_of(hall.get(path + "/figures")).find("figures")->find("turns")->as_int(),
            3);
  EXPECT_EQ(hall.tavern.ask(testing::ask("DELETE", path)).status, 204);
  EXPECT_EQ(hall.get(path).status, 404);
}

// What a stream of events says is in the schemas that its description names.
TEST(ArenaRoutes, EventsAreWhatIsToldOfThem) {
  ScriptedModel model({"One."});
  Hall hall(model);
  const std::string path = hall.begin(R"(,"lines":2)");
  const text::Json components = openapi_components();
  const testing::SchemaReader reader(components);
  std::map<std::string, int> heard;
  std::istringstream lines(hall.watch(path) + "\n");
  for (std::string line, type; std::getline(lines, line);) {
    if (line.starts_with("event: ")) type = line.substr(7);
    if (!line.starts_with("data: ")) continue;
    ++heard[type];
    const auto data = text::parse_json(line.substr(6));
    ASSERT_TRUE(data) << line;
    const std::map<std::string, std::string> schemas{{"talk", "ArenaInList"},
                                                     {"line", "ArenaTurn"}};
    if (const auto found = schemas.find(type); found != schemas.end()) {
      const auto* schema = components.find("schemas")->find(found->second);
      EXPECT_THAT(reader.faults(*data, *schema), ::testing::IsEmpty()) << line;
    }
  }
  EXPECT_EQ(heard["talk"], 1);
  EXPECT_EQ(heard["line"], 1);
}

TEST(ArenaRoutes, AFailureIsToldAndIsNoLine) {
  ScriptedModel model({"One."});
  Hall hall(model);
  const std::string path = hall.begin(R"(,"lines":5)");
  EXPECT_THAT(hall.watch(path), HasSubstr("event: line"));
  const Got whole = hall.get(path);
  EXPECT_THAT(whole.body, HasSubstr(R"("failure":{)"));
  EXPECT_EQ(testing::json_of(whole).find("lines")->as_array()->size(), 1U);
  EXPECT_EQ(hall.post(path + "/turns").status, 503);
}

TEST(ArenaRoutes, ThoughtsAreInNoEventAndNoTranscript) {
  ScriptedModel model({"<scratchpad>hush</scratchpad>One.", "<scratchpad>hush</scratchpad>Two."});
  Hall hall(model);
  const std::string ida = hall.tavern.make_npc(R"({"character":"ida-fenn","has_scratchpad":true})");
  const std::string tom = hall.tavern.make_npc(R"({"character":"tom-reed","has_scratchpad":true})");
  const Got begun = hall.post(
      "/v1/arenas",
      fmt::format(R"({{"npcs":[{{"npc_id":"{}"}},{{"npc_id":"{}"}}],"lines":2}})", ida, tom));
  const std::string path = "/v1/arenas/" + testing::string_in(begun, "id");
  EXPECT_THAT(hall.watch(path), Not(HasSubstr("hush")));
  EXPECT_THAT(hall.get(path).body, Not(HasSubstr("hush")));
}

TEST(ArenaRoutes, StoppingGivesUpTheLineUnderWayAlone) {
  testing::StepModel model;
  Hall hall(model);
  const std::string path = hall.begin(R"(,"lines":5)");
  model.begun.wait();
  EXPECT_EQ(hall.post(path + "/run").status, 409) << "it runs already";
  testing::Client watcher(hall.tavern.server->port());
  watcher.send(testing::get(path + "/events"));
  EXPECT_THAT(watcher.read_to(R"("text":"One)"), HasSubstr("event: begins"));
  const Got stopped = hall.post(path + "/stop");
  EXPECT_EQ(stopped.status, 200);
  EXPECT_THAT(stopped.body, HasSubstr(R"("running":false)"));
  EXPECT_THAT(stopped.body, HasSubstr(R"("lines":[])"));
  EXPECT_THAT(stopped.body, Not(HasSubstr("failure")));
  EXPECT_THAT(watcher.read_to("event: end"), Not(HasSubstr("event: line")));
}

TEST(ArenaRoutes, WhatCannotBeIsRefused) {
  ScriptedModel model(std::deque<Result<std::string>>{});
  Hall hall(model);
  const std::string ida = hall.tavern.make_npc();
  for (const auto& [body, status] : std::vector<std::pair<std::string, int>>{
           {"{}", 400},
           {R"({"npcs":[]})", 400},
           {R"({"npcs":"ida"})", 400},
           {R"({"npcs":[{"npc_id":"npc_0000000000000009"},{"npc_id":"ida"}]})", 404},
           {fmt::format(R"({{"npcs":[{{"npc_id":"{0}"}},{{"npc_id":"{0}"}}]}})", ida), 400},
           {fmt::format(R"({{"npcs":[{{"npc_id":"{}"}}],"lines":0}})", ida), 400}}) {
    EXPECT_EQ(hall.post("/v1/arenas", body).status, status) << body;
  }
  for (const char* more : {R"(,"order":"random")", R"(,"named":[{"npc_id":"x"}])", R"(,"wat":1)"})
    EXPECT_EQ(hall.post("/v1/arenas", fmt::format(R"({{"npcs":[]{}}})", more)).status, 400) << more;
  EXPECT_EQ(hall.get("/v1/arenas/talk_0000000000000001").status, 404);
  EXPECT_EQ(hall.get("/v1/arenas/..").status, 404);
  const std::string path = hall.begin();
  EXPECT_EQ(hall.post(path + "/run", R"({"lines":100000})").status, 400);
  EXPECT_EQ(hall.get(path + "/events?after=-1").status, 400);
}

TEST(ArenaRoutes, AreWritersAlone) {
  ScriptedModel model(std::deque<Result<std::string>>{});
  accounts::testing::MemoryKeys keys;
  Hall hall(model, &keys);
  EXPECT_TRUE(hall.tavern.store.add_user({.id = UserId{1}, .name = "Alice"}));
  const auto player =
      accounts::make_key({.role = accounts::Role::kPlayer, .user = UserId{1}}, hall.tavern.clock)
          .value();
  ASSERT_TRUE(keys.add(player.key));
  const std::string more = "Authorization: Bearer " + player.secret + "\r\n";
  EXPECT_EQ(hall.get("/v1/arenas").status, 401);
  EXPECT_EQ(hall.tavern.ask(testing::ask("GET", "/v1/arenas", "", more)).status, 403);
}

TEST(ArenaRoutes, ManyRunAtOnce) {
  std::deque<Result<std::string>> script;
  for (int n = 0; n < 40; ++n) script.emplace_back("Goats.");
  ScriptedModel model(std::move(script));
  Hall hall(model);
  std::vector<std::string> paths;
  for (int n = 0; n < 10; ++n) paths.push_back(hall.begin(R"(,"lines":4)"));
  for (const auto& path : paths) {
    static_cast<void>(hall.watch(path));
    EXPECT_EQ(testing::json_of(hall.get(path)).find("lines")->as_array()->size(), 4U);
  }
  EXPECT_THAT(model.asked(), ::testing::Each(::testing::Truly([](const lm::Prompt& asked) {
                return asked.asker.urgency == lm::Urgency::kBackground;
              })));
}

}  // namespace
}  // namespace dramatis::server
