// Ids of paths, queries and bodies -> what they name, for whoever may know of it.
#pragma once

#include <string_view>

#include "base/result.h"
#include "dialogue/conversation.h"
#include "server/api.h"
#include "server/route.h"

namespace dramatis::server::internal {

// An id in no shape of ours is the id of nobody, and so is that of somebody whom the caller does
// not reach: both are told in the same words.
[[nodiscard]] Result<UserId> user_of(std::string_view text, const Identity& who);
[[nodiscard]] Result<NpcId> npc_of(std::string_view text);
// A player's own id where `text` is empty.
[[nodiscard]] Result<UserId> user_or_own(std::string_view text, const Identity& who);
[[nodiscard]] Result<dialogue::Conversation> conversation_of(std::string_view text, const Api& api,
                                                             const Identity& who);
[[nodiscard]] Result<dialogue::Turn> turn_of(std::string_view text, const Api& api,
                                             const Identity& who);
// A number of the query; `usual` where it is not there.
[[nodiscard]] Result<std::int64_t> number_of(const Request& request, std::string_view name,
                                             std::int64_t usual, std::int64_t least,
                                             std::int64_t most);

}  // namespace dramatis::server::internal
