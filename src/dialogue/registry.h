// Players and NPCs come and go.
#pragma once

#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "dialogue/store.h"
#include "persona/cast.h"

namespace dramatis::dialogue {

// Registers a player under `name` (trimmed), or under name_1, name_2, ... where it is taken; the
// name that came of it is in the answer. Errors: kInvalidArgument for a blank, long or many-lined
// name; kOverBudget past kMaxNamesakes.
[[nodiscard]] Result<User> register_user(Store& store, const Clock& clock, std::string_view name);

// Registers an NPC. Errors: kInvalidArgument naming the setting that is wrong, kNotFound for a
// character that is not of the cast.
[[nodiscard]] Result<Npc> register_npc(Store& store, const Clock& clock, const persona::Cast& cast,
                                       const NpcSettings& settings);

// What register_npc would say of `settings`.
[[nodiscard]] Status validate(const NpcSettings& settings, const persona::Cast& cast);

}  // namespace dramatis::dialogue
