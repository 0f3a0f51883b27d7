// The identities that several rooms pass around. Each is its own type: mixing two does not compile.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dramatis {

enum class TokenId : std::int32_t {};          // a row of a model's vocabulary
enum class NpcId : std::uint64_t {};           // a character registered in a service
enum class UserId : std::uint64_t {};          // a player
enum class ConversationId : std::uint64_t {};  // a thread of turns between the two
enum class TurnId : std::uint64_t {};          // one message and its reply

// "npc_0f3c..." : the prefix names the kind, so that an id pasted in the wrong place is refused.
[[nodiscard]] std::string print_id(NpcId id);
[[nodiscard]] std::string print_id(UserId id);
[[nodiscard]] std::string print_id(ConversationId id);
[[nodiscard]] std::string print_id(TurnId id);

// The inverse; nothing for any other text.
[[nodiscard]] std::optional<NpcId> parse_npc_id(std::string_view text);
[[nodiscard]] std::optional<UserId> parse_user_id(std::string_view text);
[[nodiscard]] std::optional<ConversationId> parse_conversation_id(std::string_view text);
[[nodiscard]] std::optional<TurnId> parse_turn_id(std::string_view text);

}  // namespace dramatis
