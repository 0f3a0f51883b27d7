// The service over a store on disk: what was acknowledged is there after a restart.
#include <filesystem>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/testing/scratch_folder.h"
#include "lm/testing/scripted_model.h"
#include "server/testing/tavern.h"
#include "store/database.h"
#include "store/testing/faulty_disk.h"

namespace dramatis {
namespace {

using lm::testing::ScriptedModel;
using server::testing::Tavern;
using Script = std::deque<Result<std::string>>;

TEST(ServerRestart, KeepsPlayersNpcsAndTurns) {
  const ScratchFolder folder;
  std::string user, npc, before;
  {
    const auto store = store::open((folder / "db.sqlite").string()).value();
    ScriptedModel model(Script{"I shall remember."});
    Tavern tavern(model, &store->conversations());
    user = tavern.make_user("Alice");
    npc = tavern.make_npc();
    EXPECT_EQ(tavern.ask(Tavern::say(npc, user, "Remember me")).status, 200);
    before = tavern.history(npc, user).body;
    tavern.server->stop();
  }
  {
    const auto store = store::open((folder / "db.sqlite").string()).value();
    ScriptedModel model(Script{"I do."});
    Tavern tavern(model, &store->conversations());
    EXPECT_EQ(tavern.history(npc, user).body, before);
    EXPECT_EQ(tavern.ask(Tavern::say(npc, user, "Do you?")).status, 200);
  }
}

// D4: a player is told, in the NPC's voice, and nothing of it is stored.
TEST(ServerRestart, AFullDiskRefusesATurnUntilThereIsRoom) {
  const ScratchFolder folder;
  store::testing::FaultyDisk disk;
  const auto store = store::open((folder / "db.sqlite").string()).value();
  ScriptedModel model(Script{"I shall remember.", "And this.", "And that."});
  Tavern tavern(model, &store->conversations());
  const std::string user = tavern.make_user("Alice");
  const std::string npc = tavern.make_npc();
  EXPECT_EQ(tavern.ask(Tavern::say(npc, user, "Remember me")).status, 200);
  const std::string before = tavern.history(npc, user).body;

  disk.fail(store::testing::DiskFault::kDiskFull, 1,
            store::testing::FaultyDisk::Lasting::kUntilMended);
  const auto refused = tavern.ask(Tavern::say(npc, user, "And this"));
  EXPECT_EQ(refused.status, 503) << refused.body;
  EXPECT_NE(refused.head.find("Retry-After: "), std::string::npos);
  EXPECT_NE(server::testing::string_in(refused, "title"), "");
  EXPECT_NE(server::testing::string_in(refused, "line"), "");
  EXPECT_EQ(tavern.history(npc, user).body, before) << "what there was is read all the same";

  disk.mend();
  EXPECT_EQ(tavern.ask(Tavern::say(npc, user, "And that")).status, 200) << "without a restart";
  EXPECT_EQ(tavern.history(npc, user).body.find("And this"), std::string::npos);
  tavern.server->stop();
}

}  // namespace
}  // namespace dramatis
