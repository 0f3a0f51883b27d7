// Values -> bindings, columns -> cells.
#include "store/internal/sqlite_session.h"

namespace dramatis::store::internal {
namespace {

void put(Query& query, const Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    query.put(*number);
  } else if (const auto* letters = std::get_if<std::string_view>(&value)) {
    query.put(*letters);
  } else {
    query.put_null();
  }
}

Row row_of(const Query& query) {
  Row row;
  const int columns = query.columns();
  row.reserve(static_cast<std::size_t>(columns));
  for (int n = 0; n < columns; ++n) {
    if (query.is_null(n)) {
      row.emplace_back();
    } else if (query.is_integer(n)) {
      row.emplace_back(query.integer(n));
    } else {
      row.emplace_back(query.text(n));
    }
  }
  return row;
}

}  // namespace

Result<Answer> SqliteSession::run(const char* sql, std::span<const Value> values) {
  DRAMATIS_DO(check_values(values));
  DRAMATIS_TRY(sqlite3_stmt * statement, connection_.prepare(sql));
  Query query(statement);
  for (const Value& value : values) put(query, value);
  Answer answer;
  for (;;) {
    DRAMATIS_TRY(const bool row, query.step());
    if (!row) break;
    answer.rows.push_back(row_of(query));
  }
  answer.changed = connection_.changed();
  return answer;
}

}  // namespace dramatis::store::internal
