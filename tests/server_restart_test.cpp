// The service over a store on disk: what was acknowledged is there after a restart.
#include <filesystem>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/testing/scratch_folder.h"
#include "lm/testing/scripted_model.h"
#include "server/testing/tavern.h"
#include "store/database.h"

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

}  // namespace
}  // namespace dramatis
