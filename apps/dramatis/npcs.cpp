// The registry, asked with the settings' values.
#include "npcs.h"

#include <limits>

#include "base/clock.h"
#include "dialogue/limits.h"
#include "dialogue/registry.h"
#include "lm/limits.h"

namespace dramatis::app {

Result<dialogue::NpcSettings> npc_settings(const Settings& settings, const std::string& character) {
  dialogue::NpcSettings npc{.character = character};
  DRAMATIS_TRY(npc.temperature, settings.number("temperature", 0, 5));
  DRAMATIS_TRY(const auto tokens, settings.integer("max_tokens", 1, lm::kMaxReplyTokens));
  DRAMATIS_TRY(const auto history, settings.integer("history", 0, dialogue::kMaxHistorySize));
  DRAMATIS_TRY(npc.has_scratchpad, settings.on_off("thoughts"));
  npc.max_tokens = static_cast<int>(tokens);
  npc.history_size = static_cast<std::size_t>(history);
  return npc;
}

Result<NpcId> find_or_add_npc(dialogue::Store& store, const persona::Cast& cast,
                              const dialogue::NpcSettings& wanted, Kept kept) {
  if (kept == Kept::kAcrossRestarts) {
    DRAMATIS_TRY(const auto all, store.list_npcs());
    for (const auto& npc : all) {
      if (npc.settings == wanted) return npc.id;
    }
  }
  DRAMATIS_TRY(const auto npc, dialogue::register_npc(store, SystemClock(), cast, wanted));
  return npc.id;
}

Result<std::optional<std::uint64_t>> seed_of(const Settings& settings) {
  if (settings.find("seed").value.empty()) return std::optional<std::uint64_t>{};
  DRAMATIS_TRY(const auto seed,
               settings.integer("seed", 0, std::numeric_limits<std::int64_t>::max()));
  return std::optional(static_cast<std::uint64_t>(seed));
}

}  // namespace dramatis::app
