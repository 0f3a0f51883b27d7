// Things of the rooms below -> JSON, for those who may see them.
#pragma once

#include <string>

#include "accounts/key.h"
#include "dialogue/conversation.h"
#include "dialogue/npc.h"
#include "persona/cast.h"
#include "server/identity.h"
#include "text/json.h"

namespace dramatis::server::internal {

// "2026-11-21T18:00:17.123Z"
[[nodiscard]] std::string print_time(Instant at);

[[nodiscard]] text::JsonObject user_json(const dialogue::User& user);
// What people call an NPC.
[[nodiscard]] std::string name_of(const dialogue::Npc& npc, const persona::Cast& cast);
// {npc_id, name}, and the settings for those who write characters.
[[nodiscard]] text::JsonObject npc_json(const dialogue::Npc& npc, const persona::Cast& cast,
                                        const Identity& who);
// Without the director's note for players.
[[nodiscard]] text::JsonObject conversation_json(const dialogue::Conversation& conversation,
                                                 const Identity& who);
// Without thoughts for players.
[[nodiscard]] text::JsonObject turn_json(const dialogue::Turn& turn, const Identity& who);
// Never with thoughts: what a client that only talks is given.
[[nodiscard]] text::JsonObject spoken_json(const dialogue::Turn& turn);
// {role, content}
[[nodiscard]] text::JsonObject message_json(std::string_view role, std::string_view content);
// Without the secret, which nobody knows any more.
[[nodiscard]] text::JsonObject key_json(const accounts::Key& key);

}  // namespace dramatis::server::internal
