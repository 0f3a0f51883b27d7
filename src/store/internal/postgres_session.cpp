// Values -> parameters as text, columns -> cells.
#include "store/internal/postgres_session.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <pqxx/except>
#include <pqxx/prepared_statement>
#include <pqxx/result>

namespace dramatis::store::internal {
namespace {

// What our statements say to SQLite, and how PostgreSQL has it.
struct Phrase {
  std::string_view ours, theirs;
};
constexpr Phrase kPhrases[] = {
    {"/*hold*/", "FOR NO KEY UPDATE"},
    {"/*take*/", "FOR NO KEY UPDATE SKIP LOCKED"},
    {DRAMATIS_STORE_NOW, "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)"},
    {"?", "$"}};

// Our statements in PostgreSQL's words.
std::string translate(std::string_view sql) {
  std::string out;
  while (!sql.empty()) {
    const auto* const phrase =
        std::find_if(std::begin(kPhrases), std::end(kPhrases),
                     [&](const Phrase& one) { return sql.starts_with(one.ours); });
    const bool known = phrase != std::end(kPhrases);
    out += known ? phrase->theirs : sql.substr(0, 1);
    sql.remove_prefix(known ? phrase->ours.size() : 1);
  }
  return out;
}

// libpqxx takes a null pointer for NULL.
struct Parameter {
  std::string letters;
  bool is_null = false;
};

Parameter parameter_of(const Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value))
    return {.letters = std::to_string(*number)};
  if (const auto* letters = std::get_if<std::string_view>(&value))
    return {.letters = std::string(*letters)};
  return {.letters = {}, .is_null = true};
}

// int8, int4 and int2 of pg_type.
bool is_integer(pqxx::oid type) {
  return type == 20 || type == 23 || type == 21;
}

Row row_of(const pqxx::row& found) {
  Row row;
  row.reserve(found.size());
  for (const auto& field : found) {
    const std::string_view letters(field.c_str(), field.size());
    std::int64_t number = 0;
    if (field.is_null()) {
      row.emplace_back();
    } else if (is_integer(field.type()) &&
               std::from_chars(letters.data(), letters.data() + letters.size(), number).ec ==
                   std::errc{}) {
      row.emplace_back(number);
    } else {
      row.emplace_back(std::string(letters));
    }
  }
  return row;
}

// A statement that broke a rule of the tables says nothing against its connection.
bool is_harmless(const std::string& state) {
  return state.substr(0, 2) == "23" || is_in_the_way(state);
}

}  // namespace

bool is_in_the_way(const std::string& state) {
  return state == "40001" || state == "40P01";
}

const std::string& PostgresSession::prepare(const char* sql) {
  auto& name = connection_.prepared[sql];
  if (name.empty()) {
    const std::string made = fmt::format("s{}", connection_.prepared.size());
    connection_.link.prepare(made, translate(sql));
    name = made;
  }
  return name;
}

Result<Answer> PostgresSession::run(const char* sql, std::span<const Value> values) {
  DRAMATIS_DO(check_values(values));
  std::vector<Parameter> parameters;
  for (const Value& value : values) parameters.push_back(parameter_of(value));
  std::vector<const char*> pointers;
  for (const auto& parameter : parameters)
    pointers.push_back(parameter.is_null ? nullptr : parameter.letters.c_str());
  try {
    const pqxx::result found = transaction_.exec_prepared(
        prepare(sql), pqxx::prepare::make_dynamic_params(pointers.begin(), pointers.end()));
    Answer answer;
    for (const auto& row : found) answer.rows.push_back(row_of(row));
    answer.changed = static_cast<std::size_t>(found.affected_rows());
    return answer;
  } catch (const pqxx::broken_connection& thrown) {
    connection_.is_in_doubt = true;
    return tl::unexpected(error_of("", thrown.what()));
  } catch (const pqxx::sql_error& thrown) {
    was_in_the_way_ = is_in_the_way(thrown.sqlstate());
    connection_.is_in_doubt = !is_harmless(thrown.sqlstate());
    return tl::unexpected(error_of(thrown.sqlstate(), thrown.what()));
  } catch (const pqxx::deadlock_detected& thrown) {
    was_in_the_way_ = true;
    return tl::unexpected(error_of("40P01", thrown.what()));
  } catch (const pqxx::serialization_failure& thrown) {
    was_in_the_way_ = true;
    return tl::unexpected(error_of("40001", thrown.what()));
  } catch (const std::exception& thrown) {
    connection_.is_in_doubt = true;
    return fail(ErrorCode::kUnavailable,
                fmt::format("The database answers: {}.", first_line(thrown.what())));
  }
}

Status PostgresSession::take_time() {
  DRAMATIS_DO(run("SET LOCAL statement_timeout = 0"));
  DRAMATIS_DO(run("SET LOCAL idle_in_transaction_session_timeout = 0"));
  return {};
}

Status PostgresSession::settle_places() {
  for (const char* sql :
       {"SELECT setval(pg_get_serial_sequence('users', 'place'), max(place)) FROM users",
        "SELECT setval(pg_get_serial_sequence('npcs', 'place'), max(place)) FROM npcs",
        "SELECT setval(pg_get_serial_sequence('conversations', 'place'), max(place)) "
        "FROM conversations",
        "SELECT setval(pg_get_serial_sequence('turns', 'place'), max(place)) FROM turns",
        "SELECT setval(pg_get_serial_sequence('alternatives', 'place'), max(place)) "
        "FROM alternatives",
        "SELECT setval(pg_get_serial_sequence('keys', 'place'), max(place)) FROM keys",
        "SELECT setval(pg_get_serial_sequence('spent', 'place'), max(place)) FROM spent",
        "SELECT setval(pg_get_serial_sequence('expenses', 'place'), max(place)) FROM expenses",
        "SELECT setval(pg_get_serial_sequence('npc_players', 'place'), max(place)) "
        "FROM npc_players",
        "SELECT setval(pg_get_serial_sequence('talks', 'place'), max(place)) FROM talks",
        "SELECT setval(pg_get_serial_sequence('lines', 'place'), max(place)) FROM lines",
        "SELECT setval(pg_get_serial_sequence('dataset_runs', 'place'), max(place)) "
        "FROM dataset_runs",
        "SELECT setval(pg_get_serial_sequence('dataset_steps', 'place'), max(place)) "
        "FROM dataset_steps",
        "SELECT setval(pg_get_serial_sequence('dataset_items', 'place'), max(place)) "
        "FROM dataset_items"}) {
    DRAMATIS_DO(run(sql));
  }
  return {};
}

}  // namespace dramatis::store::internal
