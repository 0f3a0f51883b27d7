// A row for each model, account and day.
#include "store/internal/sql_ledger.h"

#include <algorithm>
#include <limits>

#include "base/checked.h"
#include "store/internal/rows.h"

namespace dramatis::store::internal {
namespace {

using remote::Spend;
using remote::SpendKey;

// Databases keep signed integers: a sum ends where theirs do.
constexpr std::uint64_t kAll = std::numeric_limits<std::int64_t>::max();

std::uint64_t sum(std::uint64_t a, std::uint64_t b) {
  return std::min(kAll, checked_add(a, b).value_or(kAll));
}
std::uint64_t less(std::uint64_t a, std::uint64_t b) {
  return a - std::min(a, b);
}
bool passes(std::uint64_t total, const std::optional<std::uint64_t>& limit) {
  return limit && total > *limit;
}
std::int64_t day_of(const SpendKey& key) {
  return key.day.time_since_epoch().count();
}
Spend spend_of(const Row& row) {
  return {.tokens = static_cast<std::uint64_t>(integer(row[0])),
          .micros = static_cast<std::uint64_t>(integer(row[1]))};
}

// The sum so far, in a row that nobody else changes until this transaction has ended; nothing where
// there is no row.
Result<std::optional<Spend>> hold_sum(Session& session, const SpendKey& key) {
  DRAMATIS_TRY(
      const auto found,
      session.run("SELECT tokens, micros FROM expenses "
                  "WHERE model = ?1 AND account = ?2 AND day = ?3" DRAMATIS_STORE_HOLD,
                  {std::string_view(key.model), std::string_view(key.account), day_of(key)}));
  if (found.rows.empty()) return std::nullopt;
  return spend_of(found.rows.front());
}

Status write_sum(Session& session, const SpendKey& key, const Spend& now) {
  return session
      .run(
          "UPDATE expenses SET tokens = ?1, micros = ?2 "
          "WHERE model = ?3 AND account = ?4 AND day = ?5",
          {static_cast<std::int64_t>(now.tokens), static_cast<std::int64_t>(now.micros),
           std::string_view(key.model), std::string_view(key.account), day_of(key)})
      .map([](const Answer& /*changed*/) {});
}

}  // namespace

// Should the answer to a commit get lost, the amount may be counted twice: never too little.
Status SqlLedger::reserve(const SpendKey& key, const Spend& most, const remote::SpendLimit& limit) {
  return change(backend_, [&](Session& session) -> Status {
    // The first of a day makes the row; of several that are first at once, one does.
    DRAMATIS_DO(
        session.run("INSERT INTO expenses (model, account, day, tokens, micros) "
                    "VALUES (?1, ?2, ?3, 0, 0) ON CONFLICT (model, account, day) DO NOTHING",
                    {std::string_view(key.model), std::string_view(key.account), day_of(key)}));
    DRAMATIS_TRY(const auto so_far, hold_sum(session, key));
    const Spend before = so_far.value_or(Spend{});
    const Spend then{.tokens = sum(before.tokens, most.tokens),
                     .micros = sum(before.micros, most.micros)};
    if (passes(then.tokens, limit.tokens)) return remote::spent_up(key, {.tokens = limit.tokens});
    if (passes(then.micros, limit.micros)) return remote::spent_up(key, {.micros = limit.micros});
    return write_sum(session, key, then);
  });
}

Status SqlLedger::settle(const SpendKey& key, const Spend& reserved, const Spend& spent) {
  return change(backend_, [&](Session& session) -> Status {
    DRAMATIS_TRY(const auto so_far, hold_sum(session, key));
    if (!so_far) return {};  // nothing was reserved
    return write_sum(session, key,
                     {.tokens = sum(less(so_far->tokens, reserved.tokens), spent.tokens),
                      .micros = sum(less(so_far->micros, reserved.micros), spent.micros)});
  });
}

Result<Spend> SqlLedger::find(const SpendKey& key) const {
  return read(backend_, [&](Session& session) -> Result<Spend> {
    DRAMATIS_TRY(const auto found, session.run("SELECT tokens, micros FROM expenses "
                                               "WHERE model = ?1 AND account = ?2 AND day = ?3",
                                               {std::string_view(key.model),
                                                std::string_view(key.account), day_of(key)}));
    return found.rows.empty() ? Spend{} : spend_of(found.rows.front());
  });
}

}  // namespace dramatis::store::internal
