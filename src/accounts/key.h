// A key and what it opens: made once, shown once, known afterwards by its digest alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"

namespace dramatis::accounts {

enum class KeyId : std::uint64_t {};

// "key_0f3c...", and the inverse; nothing for any other text.
[[nodiscard]] std::string print_id(KeyId id);
[[nodiscard]] std::optional<KeyId> parse_key_id(std::string_view text);

// Each may do what the one before may.
enum class Role { kPlayer, kWriter, kOwner };

// "player", "writer", "owner", and the inverse.
[[nodiscard]] std::string_view print_role(Role role);
[[nodiscard]] std::optional<Role> parse_role(std::string_view text);

// What a key may spend; 0: as much as it likes.
struct Quota {
  std::int64_t requests_per_minute = 0;
  std::int64_t tokens_per_day = 0;         // of prompts and replies
  std::int64_t conversations_per_day = 0;  // begun

  friend bool operator==(const Quota&, const Quota&) = default;
};

struct Key {
  KeyId id{};
  Role role = Role::kPlayer;
  std::optional<UserId> user{};  // for whom a player's key speaks; nothing for other roles
  std::string name{};            // what the owner calls it; may be empty
  std::string digest{};          // digest_of() its secret
  Quota quota{};
  Instant made{};

  friend bool operator==(const Key&, const Key&) = default;
};

// What is asked of make_key().
struct KeyWish {
  Role role = Role::kPlayer;
  std::optional<UserId> user{};
  std::string name{};
  Quota quota{};
};

// A key, and the words that open it, which nobody can find out again.
struct NewKey {
  Key key{};
  std::string secret{};  // "dk_owner_" and 256 random bits in hexadecimal
};

// Errors: kInvalidArgument for a player's key without a user, another's with one, a long or
// many-lined name, a quota that cannot be; kUnavailable where the kernel has no randomness.
[[nodiscard]] Result<NewKey> make_key(const KeyWish& wish, const Clock& clock);

// SHA-256 in hexadecimal. A secret of ours has 256 random bits: a slow digest would gain nothing.
[[nodiscard]] std::string digest_of(std::string_view secret);

// Whether two digests are the same, in time that depends on their length alone.
[[nodiscard]] bool same_digest(std::string_view a, std::string_view b);

}  // namespace dramatis::accounts
