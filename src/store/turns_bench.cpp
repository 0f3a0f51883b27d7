// Durable turns in a second, by the number of threads that store them in one SQLite file.
#include <atomic>
#include <memory>

#include <benchmark/benchmark.h>

#include "base/check.h"
#include "base/testing/scratch_folder.h"
#include "store/database.h"

namespace dramatis::store {
namespace {

constexpr dialogue::Pair kPair{.npc = NpcId{1}, .user = UserId{1}};

struct Stage {
  ScratchFolder scratch;
  std::unique_ptr<Database> database = open((scratch / "bench.sqlite").string()).value();
  std::atomic<std::uint64_t> turns = 0;
};

std::unique_ptr<Stage> raise_stage(int threads) {
  auto stage = std::make_unique<Stage>();
  auto& store = stage->database->conversations();
  (void)store.add_user({.id = kPair.user, .name = "Alice"}).value();
  DRAMATIS_CHECK(store.add_npc({.id = kPair.npc, .settings = {.character = "ida"}}));
  for (int n = 0; n < threads; ++n)
    DRAMATIS_CHECK(
        store.begin({.id = ConversationId{static_cast<std::uint64_t>(n)}, .pair = kPair}, {}));
  return stage;
}

void add_turns(benchmark::State& state) {
  static std::unique_ptr<Stage> stage;
  if (state.thread_index() == 0) stage = raise_stage(state.threads());
  std::optional<TurnId> after;
  for (auto _ : state) {
    const dialogue::Turn turn{
        .id = TurnId{++stage->turns},
        .conversation = ConversationId{static_cast<std::uint64_t>(state.thread_index())},
        .pair = kPair,
        .message = "Who keeps the ferry?",
        .spoken = {.reply = std::string(300, 'a'), .thoughts = std::string(80, 't')}};
    DRAMATIS_CHECK(stage->database->conversations().add_turn(turn, after));
    after = turn.id;
  }
  state.SetItemsProcessed(state.iterations());
  if (state.thread_index() == 0) stage.reset();
}
BENCHMARK(add_turns)->ThreadRange(1, 64)->UseRealTime();

}  // namespace
}  // namespace dramatis::store
