// What SQLite and PostgreSQL have in common: statements in transactions. All that the store does
// is written once, upon this.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace dramatis::store::internal {

// A parameter of a statement. A text outlives the call.
using Value = std::variant<std::monostate, std::int64_t, std::string_view>;
// What a row holds in a column. Monostate: NULL.
using Cell = std::variant<std::monostate, std::int64_t, std::string>;
using Row = std::vector<Cell>;

struct Answer {
  std::vector<Row> rows;
  std::size_t changed = 0;  // rows that were added, changed or removed; not those that went along
};

// At the end of a SELECT: nobody else changes its rows before this transaction has ended. SQLite
// has one writer at a time, and reads a comment here.
#define DRAMATIS_STORE_HOLD " /*hold*/"
// The same, and rows that another transaction holds are passed over.
#define DRAMATIS_STORE_TAKE " /*take*/"
// The time by the database's clock, in milliseconds since 1970: the same for all who share it.
#define DRAMATIS_STORE_NOW "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"

// Statements of one transaction. One thread at a time.
class Session {
 public:
  Session() = default;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  virtual ~Session() = default;

  // Runs `sql`, a literal with its parameters as ?1, ?2 ... Errors: kConflict where an id or a key
  // is taken; kInvalidArgument and kOverBudget for a text that not every database keeps.
  [[nodiscard]] virtual Result<Answer> run(const char* sql, std::span<const Value> values) = 0;
  [[nodiscard]] Result<Answer> run(const char* sql, std::initializer_list<Value> values = {}) {
    return run(sql, std::span<const Value>(values.begin(), values.size()));
  }

  // Whether the same work was perhaps committed before, and only the answer got lost: it must see
  // for itself.
  [[nodiscard]] virtual bool again() const = 0;
  // This transaction reads or writes all there is: it may take longer than a turn's.
  [[nodiscard]] virtual Status take_time() = 0;
  // After rows were added with their places: the next place comes after them.
  [[nodiscard]] virtual Status settle_places() = 0;
  // What this transaction removes is to leave no trace on the disk.
  void forget() { forgets_ = true; }
  [[nodiscard]] bool forgets() const { return forgets_; }

 private:
  bool forgets_ = false;
};

// Work in a transaction. It may be run more than once, each time as if it were the first.
using Work = std::function<Status(Session&)>;

// What the statements of a read see.
enum class Sight {
  kOneState,    // the database as it is at the first of them
  kEachItsOwn,  // each the newest; a transaction around one statement would cost two more
};

// Thread-safe.
class Backend {
 public:
  Backend() = default;
  Backend(const Backend&) = delete;
  Backend& operator=(const Backend&) = delete;
  virtual ~Backend() = default;

  // Runs `work`, which changes nothing.
  [[nodiscard]] virtual Status read(const Work& work, Sight sight) = 0;
  // Runs `work` and makes what it did lasting; where it fails, it did nothing.
  [[nodiscard]] virtual Status change(const Work& work) = 0;
};

// The same for work that gives something.
template <class F>
auto read(Backend& backend, F work, Sight sight = Sight::kOneState)
    -> decltype(work(std::declval<Session&>())) {
  std::optional<decltype(work(std::declval<Session&>()))> given;
  const auto done = backend.read(
      [&](Session& session) -> Status {
        given.emplace(work(session));
        return *given ? Status{} : tl::unexpected(given->error());
      },
      sight);
  if (!done) return tl::unexpected(done.error());
  return *std::move(given);
}

template <class F>
auto change(Backend& backend, F work) -> decltype(work(std::declval<Session&>())) {
  std::optional<decltype(work(std::declval<Session&>()))> given;
  const auto done = backend.change([&](Session& session) -> Status {
    given.emplace(work(session));
    return *given ? Status{} : tl::unexpected(given->error());
  });
  if (!done) return tl::unexpected(done.error());
  return *std::move(given);
}

// Whether every database of ours keeps these parameters, byte for byte. Errors: kInvalidArgument
// for U+0000 and broken UTF-8, kOverBudget past kMaxTextBytes.
[[nodiscard]] Status check_values(std::span<const Value> values);

// A column's value; 0 or an empty text for one of another type.
[[nodiscard]] std::int64_t integer(const Cell& cell);
[[nodiscard]] const std::string& text(const Cell& cell);
[[nodiscard]] bool is_null(const Cell& cell);

}  // namespace dramatis::store::internal
