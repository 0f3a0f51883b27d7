// Settings and a character of the cast -> the NPC that plays so.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/ids.h"
#include "base/result.h"
#include "dialogue/npc.h"
#include "dialogue/store.h"
#include "persona/cast.h"
#include "settings.h"

namespace dramatis::app {

enum class Kept { kAcrossRestarts, kForThisTalk };

// How an NPC of `character` behaves, as the settings say. Errors: kInvalidArgument naming one.
[[nodiscard]] Result<dialogue::NpcSettings> npc_settings(const Settings& settings,
                                                         const std::string& character);

// The NPC that plays so already, or a new one; a talk that is not kept has one of its own.
[[nodiscard]] Result<NpcId> find_or_add_npc(dialogue::Store& store, const persona::Cast& cast,
                                            const dialogue::NpcSettings& wanted, Kept kept);

// The setting `seed`; nothing: drawn.
[[nodiscard]] Result<std::optional<std::uint64_t>> seed_of(const Settings& settings);

}  // namespace dramatis::app
