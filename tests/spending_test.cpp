// Keys of a service before a router with limits: each spends its own.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "accounts/testing/memory_keys.h"
#include "remote/router.h"
#include "remote/testing/scripted_backend.h"
#include "server/dialects.h"
#include "server/testing/tavern.h"

namespace dramatis {
namespace {

using remote::testing::ScriptedBackend;
using server::testing::get;
using server::testing::Got;
using server::testing::post;
using server::testing::string_in;
using server::testing::Tavern;
using ::testing::HasSubstr;

// A model behind one paid service, of which a key may have little on a day.
struct PaidModel {
  PaidModel() : log(silence, clock) {
    std::vector<remote::Endpoint> endpoints;
    endpoints.push_back(
        {.backend = std::make_unique<ScriptedBackend>(
             [](std::size_t, const lm::Prompt&) { return remote::testing::says("A penny."); }),
         .seat = {.name = "paid"},
         .price = {.prompt = 1000, .reply = 2000}});
    router = remote::Router::open(
                 {.name = "big", .limit_per_account = {.micros = 5000}}, std::move(endpoints), {},
                 Rng(1), {.clock = clock, .metrics = metrics, .log = log, .ledger = &ledger})
                 .value();
  }

  remote::testing::ForwardClock clock;
  runtime::Metrics metrics;
  runtime::SilentSink silence;
  runtime::Log log;
  remote::MemoryLedger ledger;
  std::unique_ptr<remote::Router> router;
};

TEST(Spending, AKeyThatSpentItsDayStopsNoOther) {
  PaidModel paid;
  accounts::testing::MemoryKeys keys;
  Tavern tavern(*paid.router, nullptr, "", {.keys = &keys}, [](server::ServerOptions& options) {
    options.more.emplace_back([](const server::Api& api) { return server::dialect_routes(api); });
  });
  const std::string user = tavern.make_user("Alice");
  const std::string npc = tavern.make_npc(R"({"character":"ida-fenn","max_tokens":100})");
  const std::string owner = string_in(tavern.ask(post("/v1/keys", R"({"role":"owner"})")), "key");
  const auto bearer = [](const std::string& key) {
    return "Authorization: Bearer " + key + "\r\n";
  };
  const std::string other =
      string_in(tavern.ask(post("/v1/keys", R"({"role":"owner"})", bearer(owner))), "key");
  ASSERT_FALSE(other.empty());
  const auto say = [&](const std::string& key) {
    return tavern.ask(Tavern::say(npc, user, "Bread?", bearer(key)));
  };
  int bought = 0;
  while (bought < 1000 && say(owner).status == 200) ++bought;
  EXPECT_GT(bought, 0);
  EXPECT_LT(bought, 1000);
  const Got refused = say(owner);
  EXPECT_EQ(refused.status, 503);
  EXPECT_FALSE(string_in(refused, "line").empty()) << "the NPC has something to say meanwhile";
  EXPECT_EQ(say(other).status, 200);
  // A dialect's requests are of the same purse.
  const std::string chat =
      R"({"model":"npc/ida-fenn","messages":[{"role":"user","content":"Bread?"}]})";
  // Its prompts are shorter, so that some of them may still be paid.
  int small = 0;
  while (small < 1000 &&
         tavern.ask(post("/v1/chat/completions", chat, bearer(owner))).status == 200)
    ++small;
  EXPECT_LT(small, bought);
  EXPECT_EQ(tavern.ask(post("/v1/chat/completions", chat, bearer(other))).status, 200);
}

}  // namespace
}  // namespace dramatis
