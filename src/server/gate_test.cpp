#include "server/gate.h"

#include <utility>

#include <gtest/gtest.h>

#include "text/json.h"

namespace dramatis::server {
namespace {

Request request(std::string method, std::string path, Headers headers = {}) {
  Request made{.method = std::move(method),
               .path = std::move(path),
               .query = {},
               .headers = {{"host", "localhost:8080"}},
               .body = {}};
  for (auto& header : headers) made.headers.insert(made.headers.begin(), std::move(header));
  return made;
}

int status(const Gate& gate, const Request& asked) {
  const auto refused = gate.refusal(asked);
  return refused ? refused->status : 0;
}

const Headers kJson{{"content-type", "application/json; charset=utf-8"}};

TEST(Gate, OnLoopbackAnswersToItsOwnNamesAlone) {
  const Gate gate("", Names::kLoopbackOnly);
  for (const char* own :
       {"localhost", "LOCALHOST:1", "127.0.0.1", "127.0.0.1:8080", "[::1]", "[::1]:80"}) {
    EXPECT_EQ(status(gate, request("GET", "/healthz", {{"host", own}})), 0) << own;
  }
  for (const char* foreign :
       {"", "evil.example", "localhost.evil.example", "localhost:80:80", "localhost:x",
        "127.0.0.1.nip.io", "::1", "[::1", "127.1", "localhost@evil", "[::2]"}) {
    EXPECT_EQ(status(gate, request("GET", "/healthz", {{"host", foreign}})), 421) << foreign;
  }
  EXPECT_EQ(
      status(Gate("key", Names::kAny), request("GET", "/healthz", {{"host", "tavern.example"}})),
      0);
}

TEST(Gate, RefusesPagesOfOtherSites) {
  const Gate gate("", Names::kLoopbackOnly);
  const auto from = [&](const char* method, const char* origin) {
    Headers headers = kJson;
    headers.emplace_back("origin", origin);
    return status(
        gate,
        request(method, method == std::string_view("POST") ? "/v1/users" : "/v1/npcs/x/history",
                headers));
  };
  EXPECT_EQ(from("POST", "http://localhost:8080"), 0);
  for (const char* method : {"POST", "DELETE"}) {
    for (const char* origin : {"null", "http://evil.example", "http://localhost:9999",
                               "https://localhost", "localhost:8080"}) {
      EXPECT_EQ(from(method, origin), 403) << origin;
    }
  }
}

TEST(Gate, AsksForTheKeyOnEveryAddressOfTheApi) {
  const Gate gate("s3cret", Names::kAny);
  for (const auto& [method, path] :
       std::vector<std::pair<std::string, std::string>>{{"POST", "/v1/users"},
                                                        {"POST", "/v1/npcs"},
                                                        {"GET", "/v1/npcs"},
                                                        {"POST", "/v1/npcs/x/chat"},
                                                        {"GET", "/v1/npcs/x/history"},
                                                        {"DELETE", "/v1/npcs/x/history"},
                                                        {"GET", "/v1/nothing"},
                                                        {"GET", "/v1"}}) {
    EXPECT_EQ(status(gate, request(method, path, kJson)), 401) << path;
    for (const char* wrong :
         {"", "Bearer", "Bearer ", "Bearer s3cre", "Bearer s3cret2", "Basic s3cret", "s3cret"}) {
      Headers headers = kJson;
      headers.emplace_back("authorization", wrong);
      EXPECT_EQ(status(gate, request(method, path, headers)), 401) << wrong;
    }
    Headers headers = kJson;
    headers.emplace_back("authorization", "bearer s3cret");
    EXPECT_NE(status(gate, request(method, path, headers)), 401);
  }
  EXPECT_EQ(status(gate, request("GET", "/healthz")), 0);
}

TEST(Gate, NamesTheMethodsOfAnAddress) {
  const Gate gate("", Names::kLoopbackOnly);
  for (const char* method : {"PUT", "PATCH", "OPTIONS", "TRACE", "HEAD", "BREW", "get"}) {
    const auto refused = gate.refusal(request(method, "/v1/npcs", kJson));
    ASSERT_TRUE(refused) << method;
    EXPECT_EQ(refused->status, 405) << method;
    EXPECT_EQ(refused->headers.at(0), (std::pair<std::string, std::string>("Allow", "POST, GET")));
  }
  EXPECT_EQ(gate.refusal(request("POST", "/v1/npcs/x/history", kJson))->headers.at(0).second,
            "GET, DELETE");
  for (const char* path :
       {"/", "//", "/v1", "/v1/npcs/", "/v1/npcs//chat", "/v1/npcs/a/b/chat", "/%2e%2e/etc/passwd",
        "/healthz/", "/v1/npcs/x/chat/", "//healthz", "/V1/npcs"}) {
    EXPECT_EQ(status(gate, request("GET", path)), 404) << path;
  }
}

TEST(Gate, TakesJsonAlone) {
  const Gate gate("", Names::kLoopbackOnly);
  EXPECT_EQ(status(gate, request("POST", "/v1/users", kJson)), 0);
  for (const char* type : {"", "text/plain", "application/x-www-form-urlencoded",
                           "application/jsonp", "multipart/form-data"}) {
    const auto refused = gate.refusal(request("POST", "/v1/users", {{"content-type", type}}));
    ASSERT_TRUE(refused) << type;
    EXPECT_EQ(refused->status, 415);
    EXPECT_EQ(*text::parse_json(refused->body)->find("code")->as_string(),
              "unsupported_media_type");
  }
}

}  // namespace
}  // namespace dramatis::server
