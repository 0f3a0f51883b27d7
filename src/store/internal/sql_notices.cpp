// A row for each notice. They end by themselves: each new one takes what has ended along.
#include "store/internal/sql_notices.h"

#include "store/internal/rows.h"

namespace dramatis::store::internal {

using accounts::Notice;
using accounts::Posted;

Result<Posted> SqlNotices::post(const Notice& notice, Instant now) {
  DRAMATIS_DO(accounts::judge(notice));
  return change(backend_, [&](Session& session) -> Result<Posted> {
    DRAMATIS_DO(session.run("DELETE FROM notices WHERE until_ms <= ?1", {milliseconds_of(now)}));
    DRAMATIS_TRY(const auto added,
                 session.run("INSERT INTO notices (name, value, until_ms) VALUES (?1, ?2, ?3) "
                             "ON CONFLICT (name) DO NOTHING",
                             {std::string_view(notice.name), std::string_view(notice.value),
                              milliseconds_of(notice.until)}));
    if (added.changed > 0) return Posted::kYes;
    if (!session.again()) return Posted::kNo;
    // The answer to our own commit may have got lost.
    DRAMATIS_TRY(
        const auto ours,
        session.run("SELECT 1 FROM notices WHERE name = ?1 AND value = ?2 AND until_ms = ?3",
                    {std::string_view(notice.name), std::string_view(notice.value),
                     milliseconds_of(notice.until)}));
    return ours.rows.empty() ? Posted::kNo : Posted::kYes;
  });
}

Status SqlNotices::replace(const Notice& notice) {
  DRAMATIS_DO(accounts::judge(notice));
  return change(backend_, [&](Session& session) -> Status {
    DRAMATIS_DO(
        session.run("INSERT INTO notices (name, value, until_ms) VALUES (?1, ?2, ?3) "
                    "ON CONFLICT (name) DO UPDATE SET value = ?2, until_ms = ?3",
                    {std::string_view(notice.name), std::string_view(notice.value),
                     milliseconds_of(notice.until)}));
    return {};
  });
}

Result<std::optional<Notice>> SqlNotices::find(std::string_view name, Instant now) const {
  return read(backend_, [&](Session& session) -> Result<std::optional<Notice>> {
    DRAMATIS_TRY(
        const auto found,
        session.run("SELECT name, value, until_ms FROM notices WHERE name = ?1 AND until_ms > ?2",
                    {name, milliseconds_of(now)}));
    if (found.rows.empty()) return std::optional<Notice>();
    const Row& row = found.rows.front();
    return std::optional<Notice>(
        Notice{.name = text(row[0]), .value = text(row[1]), .until = instant_of(row[2])});
  });
}

Status SqlNotices::remove(std::string_view name) {
  return change(backend_, [&](Session& session) -> Status {
    DRAMATIS_DO(session.run("DELETE FROM notices WHERE name = ?1", {name}));
    return {};
  });
}

}  // namespace dramatis::store::internal
