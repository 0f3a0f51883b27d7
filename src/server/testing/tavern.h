// A served tavern for tests: the small cast, a store in memory or another, and a client for each
// request, whose answer is what /openapi.json tells.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "dialogue/testing/memory_store.h"
#include "server/server.h"
#include "server/testing/client.h"
#include "server/testing/told.h"
#include "text/json.h"

namespace dramatis::server::testing {

inline text::Json json_of(const Got& got) {
  auto value = text::parse_json(got.body);
  EXPECT_TRUE(value) << got.head << got.body;
  return value ? *value : text::Json();
}

inline std::string string_in(const Got& got, std::string_view key) {
  const auto value = json_of(got);
  const auto* found = value.find(key);
  return found == nullptr || found->as_string() == nullptr ? "" : *found->as_string();
}

// What it is given outlives it.
struct Tavern {
  explicit Tavern(lm::LanguageModel& model, dialogue::Store* other_store = nullptr,
                  const std::string& key = "", Backstage backstage = {},
                  const std::function<void(ServerOptions&)>& change = nullptr,
                  const lm::HealthSource* health = nullptr)
      : cast(persona::load_cast(std::filesystem::path(DRAMATIS_SOURCE_DIR) / "tests/cast-small")
                 .value()),
        examples(prompt::Examples::build(cast).value()),
        models({{.name = "scripted",
                 .model = model,
                 .head = prompt::Head::kCompact,
                 .health = health}}) {
    ServerOptions options;
    options.port = 0;
    options.key = key;
    options.version = "1.2.3";
    if (change) change(options);
    server = Server::open(options,
                          {.store = other_store == nullptr ? store : *other_store,
                           .models = models,
                           .clock = clock,
                           .cast = cast,
                           .examples = examples,
                           .turnstile = turnstile},
                          backstage)
                 .value();
    told.emplace(server->routes());
  }

  Got ask(const std::string& request) {
    Got got = Client(server->port()).ask(request);
    compare(request, got);
    return got;
  }
  // What came back, beside what is told of it.
  void compare(std::string_view request, const Got& got) const {
    const std::size_t space = request.find(' ');
    const std::string_view target =
        request.substr(space + 1, request.find(' ', space + 1) - space - 1);
    constexpr std::string_view kType = "Content-Type: ";
    const std::string_view head = got.head;
    const std::size_t type = head.find(kType);
    const std::size_t body = request.find("\r\n\r\n");
    for (const auto& fault :
         told->faults({.method = request.substr(0, space),
         .path = target.substr(0, target.find('?')),
         .sent = body == request.npos ? std::string_view() : request.substr(body + 4),
         .status = got.status,
         .type = type == head.npos ? std::string_view()
                                   : head.substr(type + kType.size(),
                                                 head.find("\r\n", type) - type - kType.size()),
         .body = got.body}))
      ADD_FAILURE() << fault;
  }
  std::string make_user(const std::string& name) {
    const Got got = ask(post("/v1/users", R"({"username":")" + name + "\"}"));
    EXPECT_EQ(got.status, 201) << got.body;
    return string_in(got, "user_id");
  }
  std::string make_npc(
      const std::string& body = R"({"character":"ida-fenn","has_scratchpad":false})") {
    const Got got = ask(post("/v1/npcs", body));
    EXPECT_EQ(got.status, 201) << got.body;
    return string_in(got, "npc_id");
  }
  static std::string say(const std::string& npc, const std::string& user,
                         const std::string& message, const std::string& more = "") {
    return post("/v1/npcs/" + npc + "/chat",
                R"({"user_id":")" + user + R"(","message":")" + message + "\"}", more);
  }
  Got history(const std::string& npc, const std::string& user) {
    return ask(get("/v1/npcs/" + npc + "/history?user_id=" + user));
  }

  SystemClock clock;
  persona::Cast cast;
  prompt::Examples examples;
  dialogue::Models models;
  dialogue::testing::MemoryStore store;
  dialogue::Turnstile turnstile;
  std::unique_ptr<Server> server;
  std::optional<Told> told;
};

}  // namespace dramatis::server::testing
