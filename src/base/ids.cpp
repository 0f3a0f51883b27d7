// Ids <-> text: a prefix for the kind and 16 hexadecimal digits.
#include "base/ids.h"

#include <charconv>

#include <fmt/format.h>

namespace dramatis {
namespace {

constexpr std::size_t kDigits = 16;

template <class Id>
std::string print(std::string_view prefix, Id id) {
  return fmt::format("{}{:016x}", prefix, static_cast<std::uint64_t>(id));
}

template <class Id>
std::optional<Id> parse(std::string_view prefix, std::string_view text) {
  if (!text.starts_with(prefix)) return std::nullopt;
  text.remove_prefix(prefix.size());
  if (text.size() != kDigits || text.find_first_not_of("0123456789abcdef") != text.npos) {
    return std::nullopt;
  }
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, 16);
  return Id{value};
}

}  // namespace

std::string print_id(NpcId id) {
  return print("npc_", id);
}
std::string print_id(UserId id) {
  return print("usr_", id);
}
std::string print_id(ConversationId id) {
  return print("cnv_", id);
}
std::string print_id(TurnId id) {
  return print("trn_", id);
}

std::optional<NpcId> parse_npc_id(std::string_view text) {
  return parse<NpcId>("npc_", text);
}
std::optional<UserId> parse_user_id(std::string_view text) {
  return parse<UserId>("usr_", text);
}
std::optional<ConversationId> parse_conversation_id(std::string_view text) {
  return parse<ConversationId>("cnv_", text);
}
std::optional<TurnId> parse_turn_id(std::string_view text) {
  return parse<TurnId>("trn_", text);
}

}  // namespace dramatis
