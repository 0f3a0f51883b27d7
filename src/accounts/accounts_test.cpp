#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "accounts/keys.h"
#include "accounts/limits.h"
#include "accounts/ring.h"
#include "accounts/testing/keys_contract.h"
#include "accounts/testing/memory_keys.h"
#include "accounts/testing/memory_notices.h"
#include "accounts/testing/notices_contract.h"

namespace dramatis::accounts {
namespace {

using ::testing::HasSubstr;
using testing::KeysContract;
using testing::MemoryKeys;
using testing::NoticesContract;

INSTANTIATE_TEST_SUITE_P(MemoryNotices, NoticesContract, ::testing::Values(testing::MakeNotices([] {
                           return std::make_unique<testing::MemoryNotices>();
                         })));
INSTANTIATE_TEST_SUITE_P(MemoryKeys, KeysContract, ::testing::Values(testing::MakeKeys([] {
                           return std::make_unique<MemoryKeys>();
                         })));

// Stands still until it is moved.
struct HandClock final : Clock {
  [[nodiscard]] Instant now() const override { return at; }
  [[nodiscard]] SteadyTime steady() const override { return SteadyTime(at.time_since_epoch()); }
  Instant at{std::chrono::hours(1)};
};

TEST(Key, HasASecretThatOnlyItsDigestRemembers) {
  const HandClock clock;
  const auto one = make_key({.role = Role::kOwner}, clock).value();
  const auto two = make_key({.role = Role::kOwner}, clock).value();
  EXPECT_TRUE(one.secret.starts_with("dk_owner_"));
  EXPECT_EQ(one.secret.size(), 9 + 64);
  EXPECT_NE(one.secret, two.secret);
  EXPECT_NE(one.key.id, two.key.id);
  EXPECT_EQ(one.key.digest, digest_of(one.secret));
  EXPECT_EQ(one.key.made, clock.at);
  const auto player = make_key({.role = Role::kPlayer, .user = UserId{5}}, clock).value();
  EXPECT_TRUE(player.secret.starts_with("dk_player_"));
  EXPECT_EQ(player.key.user, UserId{5});
}

TEST(Key, AWishThatCannotBeIsNamed) {
  const HandClock clock;
  const auto refusal = [&](const KeyWish& wish) {
    const auto made = make_key(wish, clock);
    EXPECT_FALSE(made);
    return made ? std::string() : made.error().what;
  };
  EXPECT_THAT(refusal({.role = Role::kPlayer}), HasSubstr("user_id"));
  EXPECT_THAT(refusal({.role = Role::kOwner, .user = UserId{1}}), HasSubstr("an owner"));
  EXPECT_THAT(refusal({.role = Role::kWriter, .user = UserId{1}}), HasSubstr("a writer"));
  EXPECT_THAT(refusal({.role = Role::kWriter, .name = std::string(101, 'a')}), HasSubstr("name"));
  EXPECT_THAT(refusal({.role = Role::kWriter, .name = "a\nb"}), HasSubstr("name"));
  EXPECT_THAT(refusal({.role = Role::kWriter, .quota = {.tokens_per_day = -1}}),
              HasSubstr("quota"));
  EXPECT_THAT(refusal({.role = Role::kWriter, .quota = {.requests_per_minute = kMaxQuota + 1}}),
              HasSubstr("quota"));
}

TEST(Key, IdsAndRolesAreReadBack) {
  EXPECT_EQ(parse_key_id(print_id(KeyId{~0ULL})), KeyId{~0ULL});
  for (const char* wrong : {"", "key_", "usr_0000000000000abc", "key_0000000000000ABC"}) {
    EXPECT_FALSE(parse_key_id(wrong)) << wrong;
  }
  for (const Role role : {Role::kPlayer, Role::kWriter, Role::kOwner}) {
    EXPECT_EQ(parse_role(print_role(role)), role);
  }
  EXPECT_FALSE(parse_role("Owner"));
}

TEST(Window, IsCutFromTheClock) {
  using namespace std::chrono_literals;
  const Instant noon{24h * 100 + 12h + 30s};
  EXPECT_EQ(window_of(Meter::kRequests, noon),
            (Window{.begins = Instant{24h * 100 + 12h}, .ends = Instant{24h * 100 + 12h + 60s}}));
  EXPECT_EQ(window_of(Meter::kTokens, noon),
            (Window{.begins = Instant{24h * 100}, .ends = Instant{24h * 101}}));
  EXPECT_EQ(retry_after(window_of(Meter::kRequests, noon), noon), 30s);
  EXPECT_EQ(retry_after(window_of(Meter::kRequests, noon), noon + 29s + 999ms), 1s);
  EXPECT_EQ(retry_after(window_of(Meter::kRequests, noon), noon + 5min), 1s) << "never 0";
}

// U5: what is not exactly a key opens nothing.
TEST(KeyRing, OpensForTheWholeSecretAlone) {
  HandClock clock;
  MemoryKeys keys;
  const auto made = make_key({.role = Role::kOwner}, clock).value();
  ASSERT_TRUE(keys.add(made.key));
  const KeyRing ring(keys, clock);
  EXPECT_EQ(ring.find(made.secret).value(), made.key);
  std::string upper = made.secret;
  upper[0] = 'D';
  for (const std::string& wrong :
       {std::string(), made.secret.substr(1), made.secret + " ", upper, made.key.digest,
        std::string("dk_owner_"), std::string(1 << 20, 'a'), std::string("\xD0\xBA\xD0\xBB")}) {
    EXPECT_EQ(ring.find(wrong).value(), std::nullopt);
  }
}

// U6: what is revoked elsewhere opens nothing within a second.
TEST(KeyRing, SeesWhatChangedElsewhereInTime) {
  HandClock clock;
  MemoryKeys keys;
  const KeyRing ring(keys, clock);
  EXPECT_TRUE(ring.empty().value());
  const auto made = make_key({.role = Role::kOwner}, clock).value();
  ASSERT_TRUE(keys.add(made.key));
  ring.forget();
  EXPECT_FALSE(ring.empty().value());
  ASSERT_TRUE(keys.revoke(made.key.id));
  clock.at += kRingAge;
  EXPECT_EQ(ring.find(made.secret).value(), std::nullopt);
  EXPECT_EQ(ring.find(made.key.id).value(), std::nullopt);
}

}  // namespace
}  // namespace dramatis::accounts
