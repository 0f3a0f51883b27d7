// Pages of rows, from one session to another.
#include "store/copy.h"

#include <algorithm>

#include <fmt/format.h>

#include "store/internal/backend.h"
#include "store/internal/tables.h"
#include "store/limits.h"

namespace dramatis::store {
namespace {

using internal::Answer;
using internal::Row;
using internal::Session;
using internal::Table;
using internal::Value;

Result<std::size_t> count_rows(Session& session, const Table& table) {
  DRAMATIS_TRY(const auto counted, session.run(table.count));
  return static_cast<std::size_t>(internal::integer(counted.rows.at(0).at(0)));
}

Result<Contents> count_all(Session& session) {
  Contents contents;
  for (const Table& table : internal::kTables) {
    DRAMATIS_TRY(const auto rows, count_rows(session, table));
    contents.push_back({.table = table.name, .rows = rows});
  }
  return contents;
}

std::vector<Value> values_of(const Row& row) {
  std::vector<Value> values;
  for (const auto& cell : row) {
    if (internal::is_null(cell)) {
      values.emplace_back();
    } else if (const auto* number = std::get_if<std::int64_t>(&cell)) {
      values.emplace_back(*number);
    } else {
      values.emplace_back(std::string_view(internal::text(cell)));
    }
  }
  return values;
}

// How it goes on, and whether it shall.
struct Watch {
  const Progress& progress;
  const std::stop_token& stop;
};

Result<TableCount> copy_table(Session& from, Session& to, const Table& table, const Watch& watch) {
  TableCount copied{.table = table.name};
  std::int64_t place = std::numeric_limits<std::int64_t>::min();
  for (;;) {
    if (watch.stop.stop_requested())
      return fail(ErrorCode::kCancelled, "It was stopped; the target is as it was.");
    DRAMATIS_TRY(const auto page,
                 from.run(table.select, {place, static_cast<std::int64_t>(kRowsAtOnce)}));
    if (page.rows.empty()) return copied;
    for (const Row& row : page.rows) DRAMATIS_DO(to.run(table.insert, values_of(row)));
    place = internal::integer(page.rows.back().front());
    copied.rows += page.rows.size();
    if (watch.progress) watch.progress(copied);
  }
}

Status make_room(Session& to, const Address& address, Over over) {
  DRAMATIS_TRY(const auto before, count_all(to));
  const bool is_empty =
      std::ranges::all_of(before, [](const TableCount& one) { return one.rows == 0; });
  if (is_empty) return {};
  if (over == Over::kEmpty) {
    return fail(ErrorCode::kConflict,
                fmt::format("{} is not empty: it has {} players, {} NPCs and {} turns. With "
                            "--force they are replaced.",
                            address.shown, before[0].rows, before[1].rows, before[3].rows));
  }
  for (const char* sql : internal::kRoots) DRAMATIS_DO(to.run(sql));
  to.forget();
  return {};
}

Result<Contents> copy_all(Session& from, Session& to, const Watch& watch) {
  Contents copied;
  for (const Table& table : internal::kTables) {
    DRAMATIS_TRY(auto one, copy_table(from, to, table, watch));
    copied.push_back(std::move(one));
  }
  DRAMATIS_DO(to.settle_places());
  DRAMATIS_TRY(const auto arrived, count_all(to));
  for (std::size_t n = 0; n < copied.size(); ++n) {
    if (arrived[n] != copied[n]) {
      return fail(ErrorCode::kInternal,
                  fmt::format("Of {} rows of {}, {} have arrived.", copied[n].rows, copied[n].table,
                              arrived[n].rows));
    }
  }
  return copied;
}

// What must be 0, and what it means where it is not.
struct Rule {
  const char* sql;
  const char* meaning;
};
constexpr std::array kRules{
    Rule{"SELECT count(*) FROM (SELECT 1 FROM conversations GROUP BY npc, player "
         "HAVING sum(is_current) <> 1) AS odd",
         "pairs have several current conversations, or none"},
    Rule{"SELECT count(*) FROM turns AS t JOIN conversations AS c ON c.id = t.conversation "
         "WHERE c.npc <> t.npc OR c.player <> t.player",
         "turns belong to another pair than their conversation"},
    Rule{"SELECT count(*) FROM turns AS t WHERE (SELECT count(*) FROM alternatives AS a "
         "WHERE a.turn = t.id) <> CASE WHEN t.alternatives = 1 THEN 0 ELSE t.alternatives END",
         "turns have more or fewer replies than they say"},
    Rule{"SELECT count(*) FROM turns WHERE chosen < 0 OR chosen >= alternatives",
         "turns have chosen a reply that there is not"},
};

// What SQLite itself finds.
Status check_file(Session& session, std::vector<std::string>& wrong) {
  DRAMATIS_TRY(const auto pages, session.run("PRAGMA integrity_check(20)"));
  for (const Row& row : pages.rows) {
    if (internal::text(row.at(0)) != "ok") wrong.push_back(internal::text(row.at(0)));
  }
  DRAMATIS_TRY(const auto orphans, session.run("PRAGMA foreign_key_check"));
  if (!orphans.rows.empty())
    wrong.push_back(fmt::format("{} rows hang on others that there are not.", orphans.rows.size()));
  return {};
}

}  // namespace

Result<Contents> copy(Database& from, Database& to, Over over, const Progress& progress,
                      const std::stop_token& stop) {
  return internal::read(from.backend(), [&](Session& source) -> Result<Contents> {
    DRAMATIS_DO(source.take_time());
    return internal::change(to.backend(), [&](Session& target) -> Result<Contents> {
      DRAMATIS_DO(target.take_time());
      DRAMATIS_DO(make_room(target, to.address(), over));
      return copy_all(source, target, {progress, stop});
    });
  });
}

Result<Contents> count(Database& database) {
  return internal::read(database.backend(), [](Session& session) -> Result<Contents> {
    DRAMATIS_DO(session.take_time());
    return count_all(session);
  });
}

Result<std::vector<std::string>> check(Database& database) {
  return internal::read(database.backend(),
                        [&](Session& session) -> Result<std::vector<std::string>> {
                          std::vector<std::string> wrong;
                          DRAMATIS_DO(session.take_time());
                          if (database.address().kind == Kind::kSqlite)
                            DRAMATIS_DO(check_file(session, wrong));
                          for (const Rule& rule : kRules) {
                            DRAMATIS_TRY(const auto found, session.run(rule.sql));
                            const auto count = internal::integer(found.rows.at(0).at(0));
                            if (count != 0)
                              wrong.push_back(fmt::format("{} {}.", count, rule.meaning));
                          }
                          return wrong;
                        });
}

}  // namespace dramatis::store
