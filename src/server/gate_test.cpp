#include "server/gate.h"

#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "accounts/limits.h"
#include "accounts/testing/memory_keys.h"
#include "text/json.h"

namespace dramatis::server {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Request request(std::string method, std::string path, Headers headers = {}) {
  Request made{.method = std::move(method),
               .path = std::move(path),
               .query = {},
               .headers = {{"host", "localhost:8080"}},
               .body = {}};
  for (auto& header : headers) made.headers.insert(made.headers.begin(), std::move(header));
  return made;
}

// A few addresses of each kind.
Routes some_routes() {
  Routes routes;
  const auto add = [&routes](std::string_view method, std::string_view pattern, Caller caller,
                             Takes takes) {
    routes.add({.method = method, .pattern = pattern, .caller = caller, .takes = takes});
  };
  add("GET", "/healthz", Caller::kAnybody, Takes::kNothing);
  add("POST", "/v1/users", Caller::kWriter, Takes::kJson);
  add("POST", "/v1/npcs", Caller::kWriter, Takes::kJson);
  add("GET", "/v1/npcs", Caller::kPlayer, Takes::kNothing);
  add("POST", "/v1/npcs/{npc}/chat", Caller::kPlayer, Takes::kJson);
  add("GET", "/v1/npcs/{npc}/history", Caller::kPlayer, Takes::kNothing);
  add("DELETE", "/v1/npcs/{npc}/history", Caller::kPlayer, Takes::kNothing);
  add("POST", "/v1/turns/{turn}/again", Caller::kPlayer, Takes::kMaybeJson);
  add("GET", "/v1/keys", Caller::kOwner, Takes::kNothing);
  add("GET", "/metrics", Caller::kOwner, Takes::kNothing);
  return routes;
}

// A gate with its table, and keys where a test wants them.
struct Door {
  explicit Door(GateOptions options = {}, const accounts::KeyRing* ring = nullptr)
      : gate(std::move(options), routes, ring) {}
  [[nodiscard]] int status(const Request& asked) const {
    const auto admitted = gate.judge(asked);
    return admitted ? 0 : admitted.error().response.status;
  }
  [[nodiscard]] Turned turned(const Request& asked) const { return gate.judge(asked).error(); }

  Routes routes = some_routes();
  Gate gate;
};

const Headers kJson{{"content-type", "application/json; charset=utf-8"}};

// X1
TEST(Gate, OnLoopbackAnswersToItsOwnNamesAlone) {
  const Door door;
  for (const char* own :
       {"localhost", "LOCALHOST:1", "127.0.0.1", "127.0.0.1:8080", "[::1]", "[::1]:80"}) {
    EXPECT_EQ(door.status(request("GET", "/healthz", {{"host", own}})), 0) << own;
  }
  for (const char* foreign : {"", "evil.example", "localhost.evil.example", "localhost:80:80",
                              "localhost:x", "127.0.0.1.nip.io", "::1", "[::1", "127.1",
                              "localhost@evil", "[::2]", "localhost.", "2130706433", "192.0.2.7"}) {
    EXPECT_EQ(door.status(request("GET", "/healthz", {{"host", foreign}})), 421) << foreign;
  }
}

// X1, off loopback and with a key: numbers are nobody's name, names are those of the setting.
TEST(Gate, ElsewhereAnswersToNumbersAndToTheNamesItWasGiven) {
  const Door door({.key = "k", .names = Names::kAddresses, .own_names = {"Tavern.Example"}});
  for (const char* own : {"192.0.2.7", "192.0.2.7:8077", "[2001:db8::7]:80", "localhost:1",
                          "tavern.example", "TAVERN.example:443"}) {
    EXPECT_EQ(door.status(request("GET", "/healthz", {{"host", own}})), 0) << own;
  }
  for (const char* foreign :
       {"evil.example", "tavern.example.evil", "tavern.example.", "2130706433", "0x7f000001",
        "127.1", "[::zz]", "[::1", "192.0.2.7.nip.io", ""}) {
    EXPECT_EQ(door.status(request("GET", "/healthz", {{"host", foreign}})), 421) << foreign;
  }
  const Door any({.key = "k", .names = Names::kAny});
  EXPECT_EQ(any.status(request("GET", "/healthz", {{"host", "evil.example"}})), 0);
}

// X2, X3
TEST(Gate, RefusesPagesOfOtherSites) {
  const Door door;
  const auto from = [&](const char* method, const char* origin) {
    Headers headers = method == std::string_view("POST") ? kJson : Headers{};
    headers.emplace_back("origin", origin);
    return door.status(request(
        method, method == std::string_view("POST") ? "/v1/users" : "/v1/npcs/x/history", headers));
  };
  EXPECT_EQ(from("POST", "http://localhost:8080"), 0);
  for (const char* method : {"POST", "DELETE", "GET"}) {
    for (const char* origin : {"null", "http://evil.example", "http://localhost:9999",
                               "https://localhost", "localhost:8080"}) {
      EXPECT_EQ(from(method, origin), 403) << origin;
    }
  }
  const auto site = [&](const char* method, const char* where, const char* mode) {
    return door.status(
        request(method, "/v1/npcs", {{"sec-fetch-site", where}, {"sec-fetch-mode", mode}}));
  };
  EXPECT_EQ(site("GET", "cross-site", "no-cors"), 403);
  EXPECT_EQ(site("GET", "same-site", "cors"), 403);
  EXPECT_EQ(site("GET", "cross-site", "navigate"), 0) << "a link that somebody follows";
  EXPECT_EQ(site("GET", "same-origin", "cors"), 0);
  EXPECT_EQ(site("GET", "none", "navigate"), 0);
  EXPECT_EQ(site("POST", "cross-site", "navigate"), 403);
}

TEST(Gate, TellsListedPagesAndNoOthersThatTheyMayRead) {
  const Door door({.origins = {"https://Play.example"}});
  const auto lines = [&](const char* origin) {
    const auto judged = door.gate.judge(request("GET", "/v1/npcs", {{"origin", origin}}));
    return judged ? judged->headers : judged.error().headers;
  };
  EXPECT_THAT(lines("https://play.example"),
              HasSubstr("Access-Control-Allow-Origin: https://play.example\r\n"));
  EXPECT_THAT(lines("https://play.example"), HasSubstr("Vary: Origin\r\n"));
  EXPECT_THAT(lines("https://play.example"), Not(HasSubstr("Credentials")));
  EXPECT_THAT(lines("http://localhost:8080"), Not(HasSubstr("Allow-Origin")));
  EXPECT_EQ(door.status(request("GET", "/v1/npcs", {{"origin", "https://play.example.evil"}})),
            403);
  const Turned asked = door.turned(
      request("OPTIONS", "/v1/npcs",
              {{"origin", "https://play.example"}, {"access-control-request-method", "POST"}}));
  EXPECT_EQ(asked.response.status, 204);
  EXPECT_THAT(asked.headers, HasSubstr("Allow-Origin: https://play.example"));
  const Headers& told = asked.response.headers;
  EXPECT_THAT(told, ::testing::Contains(::testing::Pair("Access-Control-Allow-Methods",
                                                        "POST, GET, HEAD, OPTIONS")));
  EXPECT_EQ(door.status(request(
                "OPTIONS", "/v1/npcs",
                {{"origin", "https://evil.example"}, {"access-control-request-method", "POST"}})),
            403);
}

// U5, J10
TEST(Gate, AsksForTheKeyOnEveryAddressOfTheApi) {
  const Door door({.key = "s3cret", .names = Names::kAny});
  for (const auto& [method, path] :
       std::vector<std::pair<std::string, std::string>>{{"POST", "/v1/users"},
                                                        {"POST", "/v1/npcs"},
                                                        {"GET", "/v1/npcs"},
                                                        {"POST", "/v1/npcs/x/chat"},
                                                        {"GET", "/v1/npcs/x/history"},
                                                        {"GET", "/metrics"},
                                                        {"GET", "/v1/nothing"},
                                                        {"GET", "/v1"}}) {
    const Headers body = method == "POST" ? kJson : Headers{};
    EXPECT_EQ(door.status(request(method, path, body)), 401) << path;
    for (const std::string& wrong :
         {std::string(), std::string("Bearer"), std::string("Bearer "), std::string("Bearer s3cre"),
          std::string("Bearer s3cret2"), std::string("Bearer S3cret"), std::string("Basic s3cret"),
          std::string("s3cret"), "Bearer " + std::string(100'000, 's')}) {
      Headers headers = body;
      headers.emplace_back("authorization", wrong);
      EXPECT_EQ(door.status(request(method, path, headers)), 401) << wrong.substr(0, 30);
    }
    Headers headers = body;
    headers.emplace_back("authorization", "bearer s3cret");
    EXPECT_NE(door.status(request(method, path, headers)), 401);
  }
  EXPECT_EQ(door.status(request("GET", "/healthz")), 0);
  EXPECT_EQ(door.status(request("GET", "/v1/npcs",
                                {{"sec-websocket-protocol", "dramatis.v1, dramatis.key.s3cret"}})),
            401)
      << "for sockets alone";
  const auto socket = door.gate.judge(
      request("GET", "/v1/npcs",
              {{"upgrade", "websocket"},
               {"sec-websocket-protocol", "dramatis.v1, dramatis.key.s3cret, other"}}));
  EXPECT_TRUE(socket);
}

struct HandClock final : Clock {
  [[nodiscard]] Instant now() const override { return {}; }
  [[nodiscard]] SteadyTime steady() const override { return at; }
  SteadyTime at{};
};

// U6: a role, and what is left of it when its key is gone.
TEST(Gate, KnowsWhomAKeySpeaksForUntilItIsRevoked) {
  HandClock clock;
  accounts::testing::MemoryKeys keys;
  const accounts::KeyRing ring(keys, clock);
  const Door door({}, &ring);
  EXPECT_EQ(door.status(request("GET", "/v1/keys")), 0) << "without keys everyone is the owner";
  const auto owner = accounts::make_key({.role = accounts::Role::kOwner}, clock).value();
  const auto player =
      accounts::make_key({.role = accounts::Role::kPlayer, .user = UserId{7}}, clock).value();
  const auto writer = accounts::make_key({.role = accounts::Role::kWriter}, clock).value();
  for (const auto& made : {owner, player, writer}) ASSERT_TRUE(keys.add(made.key));
  ring.forget();
  const auto with = [](const accounts::NewKey& key, const char* method, const char* path) {
    Headers headers = method == std::string_view("POST") ? kJson : Headers{};
    headers.emplace_back("authorization", "Bearer " + key.secret);
    return request(method, path, headers);
  };
  EXPECT_EQ(door.status(request("GET", "/v1/npcs")), 401);
  EXPECT_EQ(door.status(with(player, "GET", "/v1/npcs")), 0);
  EXPECT_EQ(door.status(with(player, "POST", "/v1/npcs")), 403);
  EXPECT_EQ(door.status(with(writer, "POST", "/v1/npcs")), 0);
  EXPECT_EQ(door.status(with(writer, "GET", "/v1/keys")), 403);
  EXPECT_EQ(door.status(with(owner, "GET", "/v1/keys")), 0);
  EXPECT_EQ(door.gate.judge(with(player, "GET", "/v1/npcs"))->who.user, UserId{7});
  ASSERT_TRUE(keys.revoke(player.key.id));
  clock.at += accounts::kRingAge;
  EXPECT_EQ(door.status(with(player, "GET", "/v1/npcs")), 401);
}

TEST(Gate, OpensTheMetricsWhereASettingSaysSo) {
  const Door door({.key = "k", .metrics = Caller::kAnybody});
  EXPECT_EQ(door.status(request("GET", "/metrics")), 0);
  EXPECT_EQ(door.status(request("GET", "/v1/npcs")), 401);
}

// J9
TEST(Gate, NamesTheMethodsOfAnAddress) {
  const Door door;
  for (const char* method : {"PUT", "PATCH", "TRACE", "BREW", "get"}) {
    const auto refused = door.turned(request(method, "/v1/npcs", kJson)).response;
    EXPECT_EQ(refused.status, 405) << method;
    EXPECT_EQ(refused.headers.at(0),
              (std::pair<std::string, std::string>("Allow", "POST, GET, HEAD, OPTIONS")));
  }
  EXPECT_EQ(door.turned(request("POST", "/v1/npcs/x/history", kJson)).response.headers.at(0).second,
            "GET, DELETE, HEAD, OPTIONS");
  const auto asked = door.turned(request("OPTIONS", "/v1/users")).response;
  EXPECT_EQ(asked.status, 204);
  EXPECT_EQ(asked.headers.at(0).second, "POST, OPTIONS");
  EXPECT_EQ(door.status(request("HEAD", "/v1/npcs")), 0);
  EXPECT_EQ(door.status(request("HEAD", "/v1/users")), 405);
}

// J7
TEST(Gate, FindsNothingBesideTheTable) {
  const Door door;
  for (const char* path : {"/", "//", "/v1", "/v1/npcs/", "/v1/npcs//chat", "/v1/npcs/a/b/chat",
                           "/%2e%2e/etc/passwd", "/healthz/", "/v1/npcs/x/chat/", "//healthz",
                           "/V1/npcs", "/v1/../healthz", "/%00", "/v1/npcs%2fx%2fhistory", "/.."}) {
    EXPECT_EQ(door.status(request("GET", path)), 404) << path;
    EXPECT_EQ(door.status(request("OPTIONS", path)), 404) << path;
  }
  std::string long_path;
  for (int n = 0; n < 900; ++n) long_path += "/a";
  EXPECT_EQ(door.status(request("GET", long_path)), 404);
}

TEST(Gate, TakesJsonAlone) {
  const Door door;
  EXPECT_EQ(door.status(request("POST", "/v1/users", kJson)), 0);
  for (const char* type : {"", "text/plain", "application/x-www-form-urlencoded",
                           "application/jsonp", "multipart/form-data"}) {
    const auto refused =
        door.turned(request("POST", "/v1/users", {{"content-type", type}})).response;
    EXPECT_EQ(refused.status, 415);
    EXPECT_EQ(*text::parse_json(refused.body)->find("code")->as_string(), "unsupported_media_type");
  }
  EXPECT_EQ(door.status(request("POST", "/v1/turns/x/again")), 0) << "no body is a body too";
  EXPECT_EQ(door.status(request("POST", "/v1/turns/x/again", {{"content-length", "2"}})), 415);
  EXPECT_EQ(door.status(request("GET", "/v1/npcs", {{"content-length", "2"}})), 400);
}

}  // namespace
}  // namespace dramatis::server
