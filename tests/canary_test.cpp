// Many players talk to one NPC at once, some leave in mid-reply, the model's service dies and
// another takes over, ours restarts: no player's words ever reach another.
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <set>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "base/testing/scratch_folder.h"
#include "remote/testing/ready_router.h"
#include "runtime/testing/gathering_log_sink.h"
#include "server/testing/tavern.h"
#include "store/database.h"

namespace dramatis {
namespace {

using remote::testing::Seen;
using server::testing::Client;
using server::testing::Tavern;

// Rows U1 and W8 of the threat model. A soak asks for more of each.
std::size_t asked_for(const char* variable, std::size_t usual) {
  const char* asked = std::getenv(variable);
  return asked == nullptr ? usual : static_cast<std::size_t>(std::atoi(asked));
}

// "canary" and twelve letters, of which the first four name the player.
constexpr std::size_t kOwnerLetters = 11;
std::string canary(std::size_t player, std::size_t turn) {
  return fmt::format("canary{:04}x{:07}", player, turn);
}

std::vector<std::string> canaries_in(std::string_view text) {
  std::vector<std::string> found;
  for (std::size_t at = text.find("canary"); at != std::string_view::npos;
       at = text.find("canary", at + 1))
    found.emplace_back(text.substr(at, 18));
  return found;
}

// The services behind the router. Each says every canary of which it is told, word by word: what
// reaches a prompt reaches the reply. The first one breaks off in every way, and dies in each life;
// the second takes over.
class Gossips {
 public:
  [[nodiscard]] std::vector<remote::testing::ScriptedServer::Script> scripts() {
    return {[this](std::size_t number, const Seen& seen) { return frail(number, seen); },
            [this](std::size_t /*number*/, const Seen& seen) { return answer(seen); }};
  }
  // From the nth request of a life on the first one is dead.
  void live(std::size_t requests) { alive_ = requests; }
  // Prompts in which the canaries of several players stood.
  [[nodiscard]] std::size_t mixed_prompts() const { return mixed_; }

 private:
  static bool is_pulse(const Seen& seen) { return seen.head.starts_with("GET "); }

  remote::testing::Answer answer(const Seen& seen) {
    if (is_pulse(seen))
      return {remote::testing::send(remote::testing::answer(200, "text/plain", ""))};
    const auto canaries = canaries_in(seen.body);
    const auto is_foreign = [&](const std::string& one) {
      return one.substr(0, kOwnerLetters) != canaries.front().substr(0, kOwnerLetters);
    };
    if (std::ranges::any_of(canaries, is_foreign)) ++mixed_;
    remote::testing::Answer steps{
        remote::testing::send(remote::testing::stream_head() + remote::testing::words("I heard:"))};
    // The newest are enough, each once: replies that say all would grow for ever, and be cut.
    constexpr std::size_t kMost = 8;
    const std::set<std::string> different(canaries.begin(), canaries.end());
    for (auto one = different.rbegin(); one != different.rend() && steps.size() <= kMost; ++one)
      steps.push_back(remote::testing::send(remote::testing::words(" " + *one)));
    steps.push_back(remote::testing::send(remote::testing::finish() + remote::testing::done()));
    return steps;
  }

  remote::testing::Answer frail(std::size_t number, const Seen& seen) {
    std::size_t left = alive_;
    while (left > 0 && !alive_.compare_exchange_weak(left, left - 1)) continue;
    if (left == 0) return {remote::testing::reset()};
    if (is_pulse(seen)) return answer(seen);
    if (number % 10 == 2) return {remote::testing::reset()};
    if (number % 10 == 4)
      return {remote::testing::send(remote::testing::answer(503, "application/json", "{}"))};
    auto steps = answer(seen);
    // The peer is gone in the middle of the words.
    if (number % 10 == 7) steps.resize((steps.size() + 1) / 2);
    return steps;
  }

  std::atomic<std::size_t> alive_{0};
  std::atomic<std::size_t> mixed_{0};
};

struct Player {
  std::string id;
  std::size_t number = 0;
  std::size_t acknowledged = 0;
};

// Empty, or what a player saw of another.
std::string foreign(std::string_view text, const Player& player) {
  for (const auto& one : canaries_in(text)) {
    if (!one.starts_with(canary(player.number, 0).substr(0, kOwnerLetters))) return one;
  }
  return {};
}

// One player's turns: most are heard out, some left at once, some in mid-stream.
void play(Tavern& tavern, const std::string& npc, Player& player, std::size_t from,
          std::size_t count) {
  Rng random(player.number * 1000 + from);
  for (std::size_t turn = from; turn < from + count; ++turn) {
    const auto what = random.below(5);
    Client client(tavern.server->port());
    const std::string message = canary(player.number, turn);
    if (what == 0) {
      client.send(Tavern::say(npc, player.id, message));
      continue;  // hangs up
    }
    if (what == 1) {
      client.send(Tavern::say(npc, player.id, message, "Accept: text/event-stream\r\n"));
      EXPECT_EQ(foreign(client.read_to("\n\n"), player), "");
      continue;
    }
    const auto got = client.ask(Tavern::say(npc, player.id, message));
    EXPECT_EQ(foreign(got.body, player), "");
    // The turn that was left may still be under way, with others before it in the line.
    // Where the first service broke off after a word, nobody else goes on with it.
    EXPECT_TRUE(got.status == 200 || got.status == 409 || got.status >= 500) << got.body;
    if (got.status == 200) {
      ++player.acknowledged;
      EXPECT_NE(got.body.find(message), std::string::npos);
    }
  }
}

// What one life of the service showed to all alike.
void expect_silence(Tavern& tavern, const runtime::Metrics& metrics,
                    const runtime::testing::GatheringLogSink& lines) {
  EXPECT_TRUE(canaries_in(tavern.ask(server::testing::get("/metrics")).body).empty());
  EXPECT_TRUE(canaries_in(metrics.print()).empty());
  for (const auto& line : lines.lines()) EXPECT_TRUE(canaries_in(line).empty()) << line;
}

// All that the service gives of a player's conversations, as its owner gets it.
void expect_own(Tavern& tavern, const std::string& npc, const Player& player) {
  const std::string history = tavern.history(npc, player.id).body;
  EXPECT_EQ(foreign(history, player), "");
  const auto kept = canaries_in(history);
  EXPECT_GE(std::set<std::string>(kept.begin(), kept.end()).size(), player.acknowledged);
  const auto listed = server::testing::json_of(
      tavern.ask(server::testing::get("/v1/conversations?user_id=" + player.id)));
  const auto* all = listed.find("conversations");
  ASSERT_TRUE(all != nullptr && all->as_array() != nullptr && !all->as_array()->empty());
  for (const auto& one : *all->as_array()) {
    const std::string id = *one.find("conversation_id")->as_string();
    const auto exported =
        tavern.ask(server::testing::get("/v1/conversations/" + id + "/export")).body;
    EXPECT_FALSE(canaries_in(exported).empty());
    EXPECT_EQ(foreign(exported, player), "");
  }
}

TEST(Canaries, OfOnePlayerNeverReachAnother) {
  const std::size_t players = asked_for("DRAMATIS_CANARY_PLAYERS", 8);
  const std::size_t turns = asked_for("DRAMATIS_CANARY_TURNS", 12);
  constexpr std::size_t kLives = 3;
  const SystemClock clock;
  const ScratchFolder folder;
  std::vector<Player> all;
  std::string npc;
  Gossips gossips;
  remote::testing::ReadyRouter on(
      gossips.scripts(), clock,
      [players](remote::RemoteOptions& /*service*/, remote::Endpoint& endpoint,
                remote::RouterOptions& /*router*/) { endpoint.seat.most_in_flight = players; },
      {}, 16);
  for (std::size_t life = 0; life < kLives; ++life) {
    const auto database = store::open((folder / "db.sqlite").string()).value();
    runtime::Metrics metrics;
    runtime::testing::GatheringLogSink lines;
    runtime::Log log(lines, clock);
    Tavern tavern(*on.router, &database->conversations(), "", {.metrics = &metrics, .log = &log});
    if (life == 0) npc = tavern.make_npc();
    for (std::size_t n = all.size(); n < players; ++n)
      all.push_back({.id = tavern.make_user("Player"), .number = n});
    // It dies in the middle of this life.
    gossips.live(players * turns / kLives / 4);
    std::vector<std::jthread> threads;
    for (auto& player : all) {
      threads.emplace_back([&tavern, &npc, &player, life, turns] {
        play(tavern, npc, player, life * turns / kLives, turns / kLives);
      });
    }
    threads.clear();
    expect_silence(tavern, metrics, lines);
    tavern.server->stop();
  }
  EXPECT_EQ(gossips.mixed_prompts(), 0U);
  EXPECT_TRUE(canaries_in(on.metrics.print()).empty());
  for (const auto& line : on.lines.lines()) EXPECT_TRUE(canaries_in(line).empty()) << line;
  for (const auto& server : on.servers) EXPECT_FALSE(server->seen().empty()) << "it was asked";
  const auto database = store::open((folder / "db.sqlite").string()).value();
  Tavern tavern(*on.router, &database->conversations());
  std::size_t acknowledged = 0;
  for (const auto& player : all) {
    expect_own(tavern, npc, player);
    acknowledged += player.acknowledged;
  }
  EXPECT_GT(acknowledged, players) << "or nothing was shown";
}

}  // namespace
}  // namespace dramatis
