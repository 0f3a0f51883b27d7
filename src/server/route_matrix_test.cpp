// Every route of the table, asked by every kind of caller: J10, U2. Nothing here is written by
// hand but what a request needs to be right.
#include <map>
#include <set>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "accounts/testing/memory_keys.h"
#include "lm/testing/scripted_model.h"
#include "server/openapi.h"
#include "server/routes.h"
#include "server/testing/all_rooms.h"
#include "server/testing/tavern.h"

namespace dramatis::server {
namespace {

using accounts::Role;
using testing::Got;
using text::Json;

constexpr UserId kAlice{0xA};
constexpr UserId kBob{0xB};
constexpr NpcId kNpc{1};
constexpr NpcId kOtherNpc{4};
constexpr ConversationId kTalk{2};
constexpr TurnId kTurn{3};
constexpr arena::TalkId kArena{5};

// A tavern with all rooms and with Alice's conversation in it, and keys for everybody.
struct Matrix {
  Matrix()
      : tavern(model, nullptr, "", {.keys = &keys},
               [this](ServerOptions& options) { rooms.move_in(tavern, options); }) {
    auto& store = tavern.store;
    EXPECT_TRUE(store.add_user({.id = kAlice, .name = "Alice"}));
    EXPECT_TRUE(store.add_user({.id = kBob, .name = "Bob"}));
    EXPECT_TRUE(store.add_npc({.id = kNpc, .settings = {.character = "ida-fenn"}}));
    const dialogue::Pair pair{.npc = kNpc, .user = kAlice};
    const dialogue::Turn turn{.id = kTurn,
                              .conversation = kTalk,
                              .pair = pair,
                              .message = "Bread?",
                              .spoken = {.reply = "A penny."}};
    EXPECT_TRUE(store.begin({.id = kTalk, .pair = pair}, std::vector{turn}));
    EXPECT_TRUE(store.add_npc({.id = kOtherNpc, .settings = {.character = "tom-reed"}}));
    const arena::Participant ida{
        .npc = kNpc, .name = "Ida", .short_name = "Ida", .hears = kAlice, .conversation = kTalk};
    arena::Participant tom = ida;
    tom.npc = kOtherNpc;
    EXPECT_TRUE(rooms.talks.add_talk({.id = kArena, .participants = {ida, tom}}));
    owner = add({.role = Role::kOwner});
    writer = add({.role = Role::kWriter});
    alice = add({.role = Role::kPlayer, .user = kAlice});
    bob = add({.role = Role::kPlayer, .user = kBob});
    spare = accounts::make_key({.role = Role::kWriter}, tavern.clock).value().key;
    EXPECT_TRUE(keys.add(spare));
  }
  ~Matrix() {
    rooms.close();
    tavern.server->stop();
  }
  Matrix(const Matrix&) = delete;
  Matrix& operator=(const Matrix&) = delete;
  std::string add(const accounts::KeyWish& wish) {
    const auto made = accounts::make_key(wish, tavern.clock).value();
    EXPECT_TRUE(keys.add(made.key));
    return made.secret;
  }
  Got ask(const Route& route, const std::string& key) {
    const std::string more = key.empty() ? "" : "Authorization: Bearer " + key + "\r\n";
    return tavern.ask(testing::ask(route.method, path_of(route), body_of(route), more));
  }
  // With the ids of what is Alice's, and of what is in the rooms.
  [[nodiscard]] std::string path_of(const Route& route) const {
    return with_ids(std::string(route.pattern));
  }
  [[nodiscard]] std::string with_ids(std::string path) const {
    const std::map<std::string, std::string> names{{"{user}", print_id(kAlice)},
                                                   {"{npc}", print_id(kNpc)},
                                                   {"{conversation}", print_id(kTalk)},
                                                   {"{turn}", print_id(kTurn)},
                                                   {"{key}", accounts::print_id(spare.id)},
                                                   {"{model}", "scripted"},
                                                   {"{adapter}", "brogue"},
                                                   {"{talk}", arena::print_id(kArena)},
                                                   {"{character}", "ida-fenn"},
                                                   {"{world}", "tarn"},
                                                   {"{name}", "ida-fenn"},
                                                   {"{version}", "20261121T184500.123Z"},
                                                   {"{report}", "one"},
                                                   {"{training}", "ida-lora"},
                                                   {"{dataset}", "tarn"}};
    for (const auto& [name, id] : names) {
      const std::size_t at = path.find(name);
      if (at != path.npos) path.replace(at, name.size(), id);
    }
    if (path.ends_with("/history")) path += "?user_id=" + print_id(kAlice);
    if (path.ends_with("/pair")) path += "?character=ida-fenn";
    return path;
  }
  // A right body for each operation that takes one.
  [[nodiscard]] static std::string body_of(const Route& route) {
    const std::map<std::string_view, std::string> bodies{
        {"make_user", R"({"username":"Eve"})"},
        {"make_npc", R"({"character":"ida-fenn"})"},
        {"change_npc", R"({"max_tokens":50})"},
        {"chat", fmt::format(R"({{"user_id":"{}","message":"Hi"}})", print_id(kAlice))},
        {"begin_conversation",
         fmt::format(R"({{"npc_id":"{}","user_id":"{}"}})", print_id(kNpc), print_id(kAlice))},
        {"change_conversation", R"({"title":"Bread"})"},
        {"say", R"({"message":"Hi"})"},
        {"branch_conversation", fmt::format(R"({{"turn_id":"{}"}})", print_id(kTurn))},
        {"change_turn", R"({"message":"Cake?"})"},
        {"make_key", R"({"role":"writer"})"},
        {"load_adapter", R"({"name":"brogue"})"},
        {"begin_arena", fmt::format(R"({{"npcs":[{{"npc_id":"{}"}},{{"npc_id":"{}"}}]}})",
                                    print_id(kNpc), print_id(kOtherNpc))},
        {"save_sheet", R"({"yaml":"id: 3"})"},
        {"lint_sheet", R"({"yaml":"id: 3"})"},
        {"answer_again", R"({"character":"ida-fenn","item":7})"},
        {"curate", R"({"character":"ida-fenn","item":7,"answer":"Late, says the river."})"}};
    const auto found = bodies.find(route.operation);
    EXPECT_EQ(found != bodies.end(), route.takes == Takes::kJson) << route.operation;
    return found == bodies.end() ? "" : found->second;
  }
  // Whether the request names somebody whose things only he reaches.
  [[nodiscard]] static bool is_somebodys(const Route& route) {
    for (const std::string_view name :
         {"{user}", "{conversation}", "{turn}", "/chat", "/history"}) {
      if (route.pattern.find(name) != std::string_view::npos) return true;
    }
    return route.operation == "begin_conversation";
  }

  lm::testing::ScriptedModel model{std::deque<Result<std::string>>{}};
  accounts::testing::MemoryKeys keys;
  testing::AllRooms rooms;
  testing::Tavern tavern;
  std::string owner, writer, alice, bob;
  accounts::Key spare;
};

std::vector<Route> all_routes() {
  Matrix matrix;
  return matrix.tavern.server->routes().all();
}

class RouteMatrix : public ::testing::TestWithParam<Route> {};

TEST_P(RouteMatrix, LetsInWhomTheTableLetsIn) {
  const Route& route = GetParam();
  Matrix matrix;
  const bool open = route.caller == Caller::kAnybody;
  const bool socket = route.takes == Takes::kSocket;
  const std::string revoked = matrix.add({.role = Role::kOwner});
  const auto all = matrix.keys.list().value();
  ASSERT_TRUE(matrix.keys.revoke(all.back().id));
  for (const std::string& wrong : {std::string(), std::string("dk_owner_0"), revoked}) {
    EXPECT_EQ(matrix.ask(route, wrong).status, open ? 200 : 401) << wrong;
  }
  // Another player first: he may change nothing that the others then miss.
  const int bob = matrix.ask(route, matrix.bob).status;
  if (!may_call(route.caller, Role::kPlayer)) {
    EXPECT_EQ(bob, 403);
    EXPECT_EQ(matrix.ask(route, matrix.alice).status, 403);
  } else {
    EXPECT_EQ(bob, Matrix::is_somebodys(route) ? 404 : socket ? 426 : 200);
    const int alice = matrix.ask(route, matrix.alice).status;
    const std::set<int> refusals{400, 401, 403, 404, 405, 415, 500};
    EXPECT_FALSE(refusals.contains(alice)) << alice;
  }
  for (const auto& [key, role] :
       {std::pair{matrix.writer, Role::kWriter}, {matrix.owner, Role::kOwner}}) {
    const int status = matrix.ask(route, key).status;
    if (may_call(route.caller, role)) {
      EXPECT_NE(status, 401);
      EXPECT_NE(status, 403);
      EXPECT_NE(status, 500);
    } else {
      EXPECT_EQ(status, 403);
    }
  }
}

TEST_P(RouteMatrix, AnswersOptionsHeadAndWrongMethods) {
  const Route& route = GetParam();
  Matrix matrix;
  const std::string more = "Authorization: Bearer " + matrix.owner + "\r\n";
  const std::string path = matrix.path_of(route);
  const Got options = matrix.tavern.ask(testing::ask("OPTIONS", path));
  EXPECT_EQ(options.status, 204);
  EXPECT_THAT(options.head, ::testing::HasSubstr(std::string(route.method)));
  for (const char* method : {"TRACE", "BREW", "PUT"}) {
    if (matrix.tavern.server->routes().allowed(path).find(method) != std::string::npos) continue;
    const Got wrong = matrix.tavern.ask(testing::ask(method, path, "", more));
    EXPECT_EQ(wrong.status, 405) << method;
    EXPECT_THAT(wrong.head, ::testing::HasSubstr("Allow: "));
  }
  if (route.method != "GET") return;
  testing::Client client(matrix.tavern.server->port());
  client.send(testing::ask("HEAD", path, "", more + "Connection: close\r\n"));
  const std::string head = client.read_all();
  EXPECT_TRUE(head.ends_with("\r\n\r\n")) << head;
}

// U2: ids in no shape of ours, and those of nobody.
TEST_P(RouteMatrix, KnowsNothingOfIdsThatNobodyHas) {
  const Route& route = GetParam();
  if (route.pattern.find('{') == std::string_view::npos) return;
  // Its caller gives the name.
  if (route.method == "PUT" || route.operation == "lint_sheet") return;
  Matrix matrix;
  for (const std::string id :
       {"null", "[]", "1", "..", "00000000-0000-0000-0000-000000000000", "usr_0000000000000000",
        "npc_0000000000000000", "cnv_0000000000000000", "trn_0000000000000000",
        "key_0000000000000000", "%00", "trn_000000000000000A"}) {
    std::string path(route.pattern);
    const std::size_t open = path.find('{');
    path.replace(open, path.find('}') - open + 1, id);
    const Got got =
        matrix.tavern.ask(testing::ask(route.method, matrix.with_ids(path), Matrix::body_of(route),
                                       "Authorization: Bearer " + matrix.owner + "\r\n"));
    EXPECT_EQ(got.status, 404) << path << got.body;
  }
}

INSTANTIATE_TEST_SUITE_P(Native, RouteMatrix, ::testing::ValuesIn(all_routes()),
                         [](const auto& param) { return std::string(param.param.operation); });

// All references within a document that lead nowhere.
void find_loose_ends(const Json& part, const Json& whole, std::vector<std::string>& loose) {
  if (const auto* list = part.as_array()) {
    for (const Json& one : *list) find_loose_ends(one, whole, loose);
  }
  if (part.as_object() == nullptr) return;
  for (const auto& [name, value] : *part.as_object()) {
    if (name == "$ref" && value.as_string() != nullptr) {
      const std::string& path = *value.as_string();
      const Json* at = &whole;
      for (std::size_t from = 2; at != nullptr && from <= path.size();) {
        const std::size_t end = std::min(path.find('/', from), path.size());
        at = at->find(path.substr(from, end - from));
        from = end + 1;
      }
      if (at == nullptr) loose.push_back(path);
    }
    find_loose_ends(value, whole, loose);
  }
}

TEST(OpenApi, NamesTheRoutesOfTheTableAndNoOthers) {
  Matrix matrix;
  const Got got = matrix.tavern.ask(testing::get("/openapi.json"));
  ASSERT_EQ(got.status, 200);
  const Json document = testing::json_of(got);
  EXPECT_EQ(*document.find("openapi")->as_string(), "3.1.0");
  EXPECT_EQ(*document.find("info")->find("version")->as_string(), "1.2.3");
  std::set<std::string> told;
  for (const auto& [path, methods] : *document.find("paths")->as_object()) {
    for (const auto& [method, operation] : *methods.as_object())
      told.insert(method + " " + path + " " + *operation.find("operationId")->as_string());
  }
  std::set<std::string> served;
  for (const Route& route : matrix.tavern.server->routes().all()) {
    std::string method;
    for (const char c : route.method) method += static_cast<char>(std::tolower(c));
    served.insert(fmt::format("{} {} {}", method, route.pattern, route.operation));
  }
  EXPECT_EQ(told, served);
  std::vector<std::string> loose;
  find_loose_ends(document, document, loose);
  EXPECT_THAT(loose, ::testing::IsEmpty());
}

TEST(OpenApi, LeavesNothingUnderV1Untold) {
  Matrix matrix;
  for (const Route& route : matrix.tavern.server->routes().all()) {
    EXPECT_FALSE(route.operation.empty()) << route.pattern;
    EXPECT_FALSE(route.doc.summary.empty()) << route.pattern;
    EXPECT_EQ(route.doc.answer.empty(), route.doc.status == 204 || route.doc.status == 101)
        << route.pattern;
    const bool brings = route.takes == Takes::kJson || route.takes == Takes::kAnyBytes;
    EXPECT_FALSE(brings && route.doc.body.empty()) << route.pattern;
  }
}

TEST(OpenApi, IsNotMadeOfATableThatKeepsSomethingToItself) {
  Routes routes;
  routes.add(Route{.method = "GET", .pattern = "/index.html"});
  routes.add(Route{.method = "GET", .pattern = "/v1/dialect", .reword = [](Response refusal) {
                     return refusal;
                   }});
  EXPECT_TRUE(openapi_json(routes, "1").find("paths")->as_object()->empty());
  routes.add(Route{.method = "GET", .pattern = "/v1/secret"});
  EXPECT_DEATH(static_cast<void>(openapi_json(routes, "1")), "may_have_none");
}

// What clients are told of a route is what the route answers.
TEST(OpenApi, NamesTheStatusesThatAreAnswered) {
  Matrix matrix;
  const Json document = testing::json_of(matrix.tavern.ask(testing::get("/openapi.json")));
  for (const Route& route : matrix.tavern.server->routes().all()) {
    std::string method;
    for (const char c : route.method) method += static_cast<char>(std::tolower(c));
    const Json* operation = document.find("paths")->find(route.pattern)->find(method);
    ASSERT_NE(operation, nullptr);
    for (const std::string& key : {std::string(), matrix.bob, matrix.owner}) {
      const int status = matrix.ask(route, key).status;
      EXPECT_NE(operation->find("responses")->find(std::to_string(status)), nullptr)
          << route.operation << ' ' << status;
    }
  }
}

TEST(OpenApi, IsAPageForPeopleThatRunsAndLoadsNothing) {
  Matrix matrix;
  const Got page = matrix.tavern.ask(testing::get("/docs"));
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.head, ::testing::HasSubstr("style-src 'sha256-"));
  EXPECT_EQ(page.head.find("unsafe"), std::string::npos);
  for (const char* foreign : {"<script", "src=", "@import", "url(", "javascript:", "style=\""})
    EXPECT_EQ(page.body.find(foreign), std::string::npos) << foreign;
  for (const Route& route : matrix.tavern.server->routes().all())
    EXPECT_THAT(page.body, ::testing::HasSubstr(std::string(route.pattern)));
}

}  // namespace
}  // namespace dramatis::server
