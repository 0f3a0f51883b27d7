// Random bits -> a secret and its digest.
#include "accounts/key.h"

#include <array>
#include <charconv>

#include <fmt/format.h>

#include "accounts/limits.h"
#include "base/random.h"
#include "text/digest.h"
#include "text/utterance.h"

namespace dramatis::accounts {
namespace {

constexpr std::string_view kPrefix = "key_";
constexpr std::size_t kDigits = 16;
constexpr std::size_t kSecretBytes = 32;  // 256 bits

struct RoleRow {
  Role role;
  std::string_view name;
};
constexpr std::array kRoles{RoleRow{Role::kPlayer, "player"}, RoleRow{Role::kWriter, "writer"},
                            RoleRow{Role::kOwner, "owner"}};

bool can_be(std::int64_t quota) {
  return quota >= 0 && quota <= kMaxQuota;
}

Status judge(const KeyWish& wish) {
  if (wish.role == Role::kPlayer && !wish.user) {
    return fail(ErrorCode::kInvalidArgument,
                "A player's key speaks for one player; say whose with user_id.");
  }
  if (wish.role != Role::kPlayer && wish.user) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("The key of {} speaks for any player; leave user_id away.",
                            wish.role == Role::kOwner ? "an owner" : "a writer"));
  }
  const bool is_line = wish.name.find_first_of("\n\t") == std::string::npos;
  if (wish.name.size() > kMaxKeyNameBytes || !is_line || text::printable(wish.name) != wish.name) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("name is one line of at most {} bytes.", kMaxKeyNameBytes));
  }
  const Quota& quota = wish.quota;
  if (!can_be(quota.requests_per_minute) || !can_be(quota.tokens_per_day) ||
      !can_be(quota.conversations_per_day)) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("A quota is a number from 0 (none) to {}.", kMaxQuota));
  }
  return {};
}

Result<std::string> random_hex() {
  std::array<std::byte, kSecretBytes> bits{};
  DRAMATIS_DO(fill_random(bits));
  std::string out;
  for (const std::byte b : bits) out += fmt::format("{:02x}", std::to_integer<unsigned>(b));
  return out;
}

}  // namespace

std::string print_id(KeyId id) {
  return fmt::format("{}{:016x}", kPrefix, static_cast<std::uint64_t>(id));
}

std::optional<KeyId> parse_key_id(std::string_view text) {
  if (!text.starts_with(kPrefix)) return std::nullopt;
  text.remove_prefix(kPrefix.size());
  if (text.size() != kDigits || text.find_first_not_of("0123456789abcdef") != text.npos) {
    return std::nullopt;
  }
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, 16);
  return KeyId{value};
}

std::string_view print_role(Role role) {
  for (const RoleRow& row : kRoles) {
    if (row.role == role) return row.name;
  }
  return "";
}

std::optional<Role> parse_role(std::string_view text) {
  for (const RoleRow& row : kRoles) {
    if (row.name == text) return row.role;
  }
  return std::nullopt;
}

Result<NewKey> make_key(const KeyWish& wish, const Clock& clock) {
  DRAMATIS_DO(judge(wish));
  DRAMATIS_TRY(const std::uint64_t id, random_u64());
  DRAMATIS_TRY(const std::string bits, random_hex());
  NewKey made;
  made.secret = fmt::format("dk_{}_{}", print_role(wish.role), bits);
  made.key = {.id = KeyId{id},
              .role = wish.role,
              .user = wish.user,
              .name = wish.name,
              .digest = digest_of(made.secret),
              .quota = wish.quota,
              .made = clock.now()};
  return made;
}

std::string digest_of(std::string_view secret) {
  return text::sha256(secret);
}

bool same_digest(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned char difference = 0;
  for (std::size_t n = 0; n < a.size(); ++n) {
    difference = static_cast<unsigned char>(difference | static_cast<unsigned char>(a[n] ^ b[n]));
  }
  return difference == 0;
}

}  // namespace dramatis::accounts
