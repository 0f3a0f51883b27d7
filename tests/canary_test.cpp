// Many players talk to one NPC at once, some leave in mid-reply, the service restarts: no player's
// words ever reach another.
#include <algorithm>
#include <cstdlib>
#include <set>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "base/testing/scratch_folder.h"
#include "server/testing/tavern.h"
#include "store/database.h"

namespace dramatis {
namespace {

using server::testing::Client;
using server::testing::Tavern;

// Rows U1 and W8 of the threat model. A soak asks for more of each.
std::size_t asked_for(const char* variable, std::size_t usual) {
  const char* asked = std::getenv(variable);
  return asked == nullptr ? usual : static_cast<std::size_t>(std::atoi(asked));
}

// "canary" and twelve letters, of which the first four name the player.
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

// Says every canary of which it is told, word by word: what reaches the prompt reaches the reply.
class Gossip final : public lm::LanguageModel {
 public:
  [[nodiscard]] std::string name() const override { return "gossip"; }
  [[nodiscard]] std::size_t context_size() const override { return 4096; }
  [[nodiscard]] Result<std::size_t> count_tokens(std::string_view text) const override {
    return text.size() / 4;
  }
  [[nodiscard]] Result<lm::Completion> generate(const lm::Prompt& asked,
                                                const lm::Sampling& /*how*/, lm::TextSink& sink,
                                                std::stop_token stop) override {
    std::string told;
    for (const auto& message : asked.messages) told += message.text;
    lm::Completion made;
    made.text = "I heard:";
    for (const auto& one : canaries_in(told)) made.text += " " + one;
    for (std::size_t from = 0; from < made.text.size();) {
      const std::size_t end = std::min(made.text.find(' ', from + 1), made.text.size());
      if (stop.stop_requested()) return fail(ErrorCode::kCancelled, "stopped");
      if (sink.write(std::string_view(made.text).substr(from, end - from)) == lm::Go::kStop)
        return fail(ErrorCode::kCancelled, "left");
      from = end;
    }
    return made;
  }
  [[nodiscard]] Result<std::vector<lm::Score>> score(const lm::Prompt& /*asked*/,
                                                     std::span<const std::string> /*replies*/,
                                                     std::stop_token /*stop*/) override {
    return fail(ErrorCode::kUnsupported, "It judges nothing.");
  }
};

struct Player {
  std::string id;
  std::size_t number = 0;
  std::size_t acknowledged = 0;
};

// Empty, or what a player saw of another.
std::string foreign(std::string_view text, const Player& player) {
  for (const auto& one : canaries_in(text)) {
    if (!one.starts_with(fmt::format("canary{:04}x", player.number))) return one;
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
    EXPECT_TRUE(got.status == 200 || got.status == 409 || got.status == 503) << got.body;
    if (got.status == 200) {
      ++player.acknowledged;
      EXPECT_NE(got.body.find(message), std::string::npos);
    }
  }
}

TEST(Canaries, OfOnePlayerNeverReachAnother) {
  const std::size_t players = asked_for("DRAMATIS_CANARY_PLAYERS", 8);
  const std::size_t turns = asked_for("DRAMATIS_CANARY_TURNS", 12);
  constexpr std::size_t kRestarts = 3;
  const ScratchFolder folder;
  std::vector<Player> all;
  std::string npc;
  Gossip gossip;
  for (std::size_t life = 0; life < kRestarts; ++life) {
    const auto database = store::open((folder / "db.sqlite").string()).value();
    Tavern tavern(gossip, &database->conversations());
    if (life == 0) npc = tavern.make_npc();
    for (std::size_t n = all.size(); n < players; ++n)
      all.push_back({.id = tavern.make_user("Player"), .number = n});
    std::vector<std::jthread> threads;
    for (auto& player : all) {
      threads.emplace_back([&tavern, &npc, &player, life, turns] {
        play(tavern, npc, player, life * turns / kRestarts, turns / kRestarts);
      });
    }
    threads.clear();
    EXPECT_TRUE(canaries_in(tavern.ask(server::testing::get("/metrics")).body).empty());
    tavern.server->stop();
  }
  const auto database = store::open((folder / "db.sqlite").string()).value();
  Tavern tavern(gossip, &database->conversations());
  std::size_t acknowledged = 0;
  for (const auto& player : all) {
    const std::string history = tavern.history(npc, player.id).body;
    EXPECT_EQ(foreign(history, player), "");
    acknowledged += player.acknowledged;
    const auto kept = canaries_in(history);
    EXPECT_GE(std::set<std::string>(kept.begin(), kept.end()).size(), player.acknowledged);
  }
  EXPECT_GT(acknowledged, players) << "or nothing was shown";
}

}  // namespace
}  // namespace dramatis
