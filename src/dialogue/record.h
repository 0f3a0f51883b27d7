// Settings, scenes and accounts <-> JSON: what databases keep in one column, and what the API
// shows.
#pragma once

#include <string_view>

#include "base/result.h"
#include "dialogue/conversation.h"
#include "dialogue/npc.h"
#include "text/json.h"

namespace dramatis::dialogue {

// Fields at their defaults are left out; a missing field is read as its default.
[[nodiscard]] text::JsonObject settings_json(const NpcSettings& settings);
[[nodiscard]] text::JsonObject scene_json(const prompt::Scene& scene);
[[nodiscard]] text::JsonObject account_json(const Account& account);

// What the above printed, of this or an earlier version; unknown fields are left alone. Errors:
// kCorrupt naming the field whose type is wrong. Ranges are not judged.
[[nodiscard]] Result<NpcSettings> read_settings(const text::Json& json);
[[nodiscard]] Result<prompt::Scene> read_scene(const text::Json& json);
[[nodiscard]] Result<Account> read_account(const text::Json& json);

}  // namespace dramatis::dialogue
