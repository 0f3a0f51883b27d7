// Keys, and what each has spent in its newest window.
#include "store/internal/sql_keys.h"

#include <algorithm>

#include <fmt/format.h>

#include "accounts/limits.h"
#include "dialogue/store.h"
#include "store/internal/rows.h"

namespace dramatis::store::internal {
namespace {

using accounts::Key;
using accounts::KeyId;

#define DRAMATIS_KEY_COLUMNS                                              \
  "id, role, player, name, digest, requests_per_minute, tokens_per_day, " \
  "conversations_per_day, made_ms"

Result<Key> key_of(const Row& row) {
  Key key{.id = id_of<KeyId>(row[0]),
          .name = text(row[3]),
          .digest = text(row[4]),
          .quota = {.requests_per_minute = integer(row[5]),
                    .tokens_per_day = integer(row[6]),
                    .conversations_per_day = integer(row[7])},
          .made = instant_of(row[8])};
  const auto role = accounts::parse_role(text(row[1]));
  if (!role) {
    // Whoever wrote it, nobody is let in by it.
    return fail(ErrorCode::kCorrupt, fmt::format("{} has the unknown role '{}' in the database.",
                                                 accounts::print_id(key.id), text(row[1])));
  }
  key.role = *role;
  if (!is_null(row[2])) key.user = id_of<UserId>(row[2]);
  return key;
}

Status check_new(Session& session, const Key& key) {
  DRAMATIS_TRY(const auto same, session.run("SELECT 1 FROM keys WHERE id = ?1 OR digest = ?2",
                                            {number_of(key.id), std::string_view(key.digest)}));
  if (!same.rows.empty()) return fail(ErrorCode::kConflict, "The id or the digest is taken.");
  DRAMATIS_TRY(const auto counted, session.run("SELECT count(*) FROM keys"));
  if (integer(counted.rows.at(0).at(0)) >= static_cast<std::int64_t>(accounts::kMaxKeys))
    return tl::unexpected(accounts::too_many_keys());
  if (!key.user) return {};
  DRAMATIS_TRY(const auto user,
               session.run("SELECT 1 FROM users WHERE id = ?1", {number_of(*key.user)}));
  if (user.rows.empty()) return tl::unexpected(dialogue::no_such(*key.user));
  return {};
}

Status insert(Session& session, const Key& key) {
  const Value player = key.user ? Value(number_of(*key.user)) : Value();
  return session
      .run("INSERT INTO keys (" DRAMATIS_KEY_COLUMNS
           ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
           {number_of(key.id), accounts::print_role(key.role), player, std::string_view(key.name),
            std::string_view(key.digest), key.quota.requests_per_minute, key.quota.tokens_per_day,
            key.quota.conversations_per_day, milliseconds_of(key.made)})
      .map([](const Answer& /*changed*/) {});
}

struct Spent {
  std::int64_t begins_ms = 0;
  std::int64_t amount = 0;
};

// What was spent, in a row that nobody else changes until this transaction has ended.
Result<Spent> hold_spent(Session& session, KeyId id, std::int64_t meter) {
  DRAMATIS_TRY(const auto known, session.run("SELECT 1 FROM keys WHERE id = ?1", {number_of(id)}));
  if (known.rows.empty()) return tl::unexpected(accounts::no_such(id));
  // The first of a key makes the row; of several that are first at once, one does.
  DRAMATIS_DO(
      session.run("INSERT INTO spent (key, meter, begins_ms, amount) "
                  "VALUES (?1, ?2, 0, 0) ON CONFLICT (key, meter) DO NOTHING",
                  {number_of(id), meter}));
  DRAMATIS_TRY(const auto found, session.run("SELECT begins_ms, amount FROM spent "
                                             "WHERE key = ?1 AND meter = ?2" DRAMATIS_STORE_HOLD,
                                             {number_of(id), meter}));
  if (found.rows.empty()) return tl::unexpected(accounts::no_such(id));
  return Spent{.begins_ms = integer(found.rows.front()[0]),
               .amount = integer(found.rows.front()[1])};
}

}  // namespace

Status SqlKeys::add(const Key& key) {
  return change(backend_, [&](Session& session) -> Status {
    if (session.again()) {
      DRAMATIS_TRY(const auto ours, session.run("SELECT 1 FROM keys WHERE id = ?1 AND digest = ?2",
                                                {number_of(key.id), std::string_view(key.digest)}));
      if (!ours.rows.empty()) return {};
    }
    DRAMATIS_DO(check_new(session, key));
    return insert(session, key);
  });
}

Result<std::optional<Key>> SqlKeys::find(std::string_view digest) const {
  // What cannot be stored is nobody's digest, whoever sent it.
  const Value sent = digest;
  if (!check_values({&sent, 1})) return std::nullopt;
  return read(backend_, [&](Session& session) -> Result<std::optional<Key>> {
    DRAMATIS_TRY(
        const auto found,
        session.run("SELECT " DRAMATIS_KEY_COLUMNS " FROM keys WHERE digest = ?1", {digest}));
    if (found.rows.empty()) return std::nullopt;
    DRAMATIS_TRY(auto key, key_of(found.rows.front()));
    return key;
  });
}

Result<std::vector<Key>> SqlKeys::list() const {
  return read(backend_, [&](Session& session) -> Result<std::vector<Key>> {
    DRAMATIS_TRY(const auto found,
                 session.run("SELECT " DRAMATIS_KEY_COLUMNS " FROM keys ORDER BY place"));
    std::vector<Key> keys;
    for (const Row& row : found.rows) {
      DRAMATIS_TRY(auto key, key_of(row));
      keys.push_back(std::move(key));
    }
    return keys;
  });
}

Status SqlKeys::revoke(KeyId id) {
  return change(backend_, [&](Session& session) -> Status {
    DRAMATIS_TRY(const auto removed,
                 session.run("DELETE FROM keys WHERE id = ?1", {number_of(id)}));
    if (removed.changed == 0 && !session.again()) return tl::unexpected(accounts::no_such(id));
    return {};
  });
}

// Should the answer to a commit get lost, the amount may be counted twice: never too little.
Result<accounts::Allowance> SqlKeys::spend(KeyId id, const accounts::Spending& spending) {
  return change(backend_, [&](Session& session) -> Result<accounts::Allowance> {
    const auto meter = static_cast<std::int64_t>(spending.meter);
    const std::int64_t begins_ms = milliseconds_of(spending.window.begins);
    DRAMATIS_TRY(Spent spent, hold_spent(session, id, meter));
    const bool is_over = begins_ms < spent.begins_ms;
    if (begins_ms > spent.begins_ms) spent = {.begins_ms = begins_ms};
    const bool gives_back = spending.amount <= 0;
    const std::int64_t sum = std::max<std::int64_t>(spent.amount + spending.amount, 0);
    const bool is_granted = gives_back || sum <= spending.limit;
    if (is_granted && !(gives_back && is_over)) spent.amount = sum;
    DRAMATIS_DO(
        session.run("UPDATE spent SET begins_ms = ?1, amount = ?2 "
                    "WHERE key = ?3 AND meter = ?4",
                    {spent.begins_ms, spent.amount, number_of(id), meter}));
    return accounts::Allowance{
        .granted = is_granted ? accounts::Granted::kYes : accounts::Granted::kNo,
        .left = std::max<std::int64_t>(spending.limit - spent.amount, 0)};
  });
}

}  // namespace dramatis::store::internal
