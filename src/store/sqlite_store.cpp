// The port of dialogue/ over three tables.
#include "store/sqlite_store.h"

#include <algorithm>
#include <limits>
#include <mutex>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "dialogue/limits.h"
#include "store/internal/connection.h"
#include "store/internal/schema.h"
#include "store/limits.h"

namespace dramatis::store {
namespace {

using dialogue::Npc;
using dialogue::Pair;
using dialogue::Turn;
using dialogue::User;
using internal::Connection;
using internal::Query;
using internal::Transaction;

constexpr const char* kUserColumns = "SELECT id, name, registered_ms FROM users WHERE id = ?1";
constexpr const char* kTurnsNewestFirst =
    "SELECT id, message, reply, thoughts, key, at_ms FROM turns WHERE npc = ?1 AND user = ?2 "
    "ORDER BY place DESC LIMIT ?3";
constexpr const char* kNpcColumns =
    "SELECT id, character, world_description, character_description, scene, history_size, "
    "has_scratchpad, "
    "temperature, max_tokens, registered_ms FROM npcs WHERE id = ?1";
constexpr const char* kAllNpcs =
    "SELECT id, character, world_description, character_description, scene, history_size, "
    "has_scratchpad, "
    "temperature, max_tokens, registered_ms FROM npcs ORDER BY place";

template <class Id>
std::int64_t number_of(Id id) {
  return static_cast<std::int64_t>(id);
}
template <class Id>
Id id_of(std::int64_t number) {
  return Id{static_cast<std::uint64_t>(number)};
}
std::int64_t milliseconds_of(Instant at) {
  return at.time_since_epoch().count();
}
Instant instant_of(std::int64_t milliseconds) {
  return Instant{std::chrono::milliseconds(milliseconds)};
}

User user_of(const Query& row) {
  return {.id = id_of<UserId>(row.integer(0)),
          .name = row.text(1),
          .registered = instant_of(row.integer(2))};
}

Npc npc_of(const Query& row) {
  Npc npc{.id = id_of<NpcId>(row.integer(0)), .registered = instant_of(row.integer(9))};
  npc.settings = {
      .character = row.text(1),
      .world_description = row.text(2),
      .character_description = row.text(3),
      .scene = row.text(4),
      .history_size = static_cast<std::size_t>(std::max<std::int64_t>(0, row.integer(5))),
      .temperature = row.real(7),
      .max_tokens = static_cast<int>(
          std::clamp<std::int64_t>(row.integer(8), 1, std::numeric_limits<int>::max()))};
  if (!row.is_null(6)) npc.settings.has_scratchpad = row.integer(6) != 0;
  return npc;
}

Turn turn_of(const Query& row, Pair pair) {
  Turn turn{.id = id_of<TurnId>(row.integer(0)),
            .pair = pair,
            .reply = row.text(2),
            .thoughts = row.text(3),
            .key = row.text(4),
            .at = instant_of(row.integer(5))};
  if (!row.is_null(1)) turn.message = row.text(1);
  return turn;
}

// Binds what add and replace have in common.
void put_turn(Query& query, const Turn& turn) {
  query.put(number_of(turn.id));
  turn.message ? query.put(std::string_view(*turn.message)) : query.put_null();
  query.put(std::string_view(turn.reply)).put(std::string_view(turn.thoughts));
  turn.key.empty() ? query.put_null() : query.put(std::string_view(turn.key));
  query.put(milliseconds_of(turn.at));
}

Error about(const std::filesystem::path& path, Error error) {
  error.what = fmt::format("{}: {} The file was left as it is.", path.string(), error.what);
  return error;
}

// The file and its folder, for its owner alone; what exists stays as it is.
Status make_file(const std::filesystem::path& path) {
  std::error_code broken;
  const auto folder = path.parent_path();
  if (!folder.empty() && !std::filesystem::exists(folder, broken)) {
    std::filesystem::create_directories(folder, broken);
    if (broken)
      return fail(ErrorCode::kUnavailable,
                  fmt::format("the folder cannot be made: {}.", broken.message()));
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, broken);
  }
  const int made = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (made >= 0) ::close(made);
  if (std::filesystem::is_regular_file(path, broken)) return {};
  return fail(ErrorCode::kUnavailable, "no regular file can be opened here.");
}

Result<Connection> open_ours(const std::filesystem::path& path) {
  DRAMATIS_DO(make_file(path));
  DRAMATIS_TRY(auto connection, Connection::open(path, SQLITE_OPEN_READWRITE));
  sqlite3_busy_timeout(connection.get(), kBusyMilliseconds);
  DRAMATIS_DO(connection.execute("PRAGMA cell_size_check = ON"));
  DRAMATIS_DO(internal::inspect(connection, path));
  DRAMATIS_DO(connection.execute(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON"));
  DRAMATIS_DO(internal::migrate(connection));
  return connection;
}

}  // namespace

struct SqliteStore::Inside {
  explicit Inside(Connection opened) : connection(std::move(opened)) {}

  Status known(Pair pair) {
    DRAMATIS_TRY(sqlite3_stmt * npcs, connection.prepare("SELECT 1 FROM npcs WHERE id = ?1"));
    Query npc(npcs);
    DRAMATIS_TRY(const bool has_npc, npc.put(number_of(pair.npc)).step());
    if (!has_npc) return tl::unexpected(dialogue::no_such(pair.npc));
    DRAMATIS_TRY(sqlite3_stmt * users, connection.prepare("SELECT 1 FROM users WHERE id = ?1"));
    Query user(users);
    DRAMATIS_TRY(const bool has_user, user.put(number_of(pair.user)).step());
    if (!has_user) return tl::unexpected(dialogue::no_such(pair.user));
    return {};
  }

  Result<std::string> free_name(const std::string& name) {
    DRAMATIS_TRY(sqlite3_stmt * statement,
                 connection.prepare("SELECT 1 FROM users WHERE name = ?1"));
    std::string tried = name;
    for (std::size_t n = 1; n <= dialogue::kMaxNamesakes; ++n) {
      Query query(statement);
      DRAMATIS_TRY(const bool taken, query.put(std::string_view(tried)).step());
      if (!taken) return tried;
      tried = fmt::format("{}_{}", name, n);
    }
    return fail(ErrorCode::kOverBudget,
                fmt::format("More than {} players bear the name '{}'; take another.",
                            dialogue::kMaxNamesakes, name));
  }

  std::mutex mutex;
  Connection connection;
};

SqliteStore::SqliteStore(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
SqliteStore::~SqliteStore() = default;

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(const std::filesystem::path& path) {
  auto connection = open_ours(path);
  if (!connection) return tl::unexpected(about(path, std::move(connection).error()));
  auto inside = std::make_unique<Inside>(*std::move(connection));
  return std::unique_ptr<SqliteStore>(
      new SqliteStore(std::move(inside)));  // the constructor is private
}

Result<User> SqliteStore::add_user(const User& user) {
  const std::lock_guard lock(inside_->mutex);
  DRAMATIS_TRY(auto transaction, Transaction::begin(inside_->connection));
  User added = user;
  DRAMATIS_TRY(added.name, inside_->free_name(user.name));
  DRAMATIS_TRY(sqlite3_stmt * statement,
               inside_->connection.prepare(
                   "INSERT INTO users (id, name, registered_ms) VALUES (?1, ?2, ?3)"));
  {
    Query query(statement);
    DRAMATIS_DO(query.put(number_of(added.id))
                    .put(std::string_view(added.name))
                    .put(milliseconds_of(added.registered))
                    .run());
  }
  DRAMATIS_DO(transaction.commit());
  return added;
}

Result<User> SqliteStore::find_user(UserId id) const {
  const std::lock_guard lock(inside_->mutex);
  DRAMATIS_TRY(sqlite3_stmt * statement, inside_->connection.prepare(kUserColumns));
  Query query(statement);
  DRAMATIS_TRY(const bool row, query.put(number_of(id)).step());
  if (!row) return tl::unexpected(dialogue::no_such(id));
  return user_of(query);
}

Result<User> SqliteStore::find_user_named(std::string_view name) const {
  const std::lock_guard lock(inside_->mutex);
  DRAMATIS_TRY(
      sqlite3_stmt * statement,
      inside_->connection.prepare("SELECT id, name, registered_ms FROM users WHERE name = ?1"));
  Query query(statement);
  DRAMATIS_TRY(const bool row, query.put(name).step());
  if (!row) return fail(ErrorCode::kUserNotFound, fmt::format("No player is named '{}'.", name));
  return user_of(query);
}

Result<std::vector<User>> SqliteStore::list_users() const {
  const std::lock_guard lock(inside_->mutex);
  DRAMATIS_TRY(
      sqlite3_stmt * statement,
      inside_->connection.prepare("SELECT id, name, registered_ms FROM users ORDER BY place"));
  Query query(statement);
  std::vector<User> users;
  for (;;) {
    DRAMATIS_TRY(const bool row, query.step());
    if (!row) return users;
    users.push_back(user_of(query));
  }
}

Status SqliteStore::remove_user(UserId id) {
  const std::lock_guard lock(inside_->mutex);
  DRAMATIS_TRY(sqlite3_stmt * statement,
               inside_->connection.prepare("DELETE FROM users WHERE id = ?1"));
  Query query(statement);
  DRAMATIS_DO(query.put(number_of(id)).run());
  if (inside_->connection.changed() == 0) return tl::unexpected(dialogue::no_such(id));
  return {};
}

Status SqliteStore::add_npc(const Npc& npc) {
  const std::lock_guard lock(inside_->mutex);
  DRAMATIS_TRY(
      sqlite3_stmt * statement,
      inside_->connection.prepare("INSERT INTO npcs (id, character, world_description, "
                                  "character_description, scene, history_size, "
                                  "has_scratchpad, temperature, max_tokens, registered_ms) "
                                  "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"));
  const auto& settings = npc.settings;
  Query query(statement);
  query.put(number_of(npc.id)).put(std::string_view(settings.character));
  query.put(std::string_view(settings.world_description))
      .put(std::string_view(settings.character_description));
  query.put(std::string_view(settings.scene)).put(static_cast<std::int64_t>(settings.history_size));
  settings.has_scratchpad ? query.put(std::int64_t{*settings.has_scratchpad}) : query.put_null();
  query.put(settings.temperature)
      .put(std::int64_t{settings.max_tokens})
      .put(milliseconds_of(npc.registered));
  return query.run();
}

Result<Npc> SqliteStore::find_npc(NpcId id) const {
  const std::lock_guard lock(inside_->mutex);
  DRAMATIS_TRY(sqlite3_stmt * statement, inside_->connection.prepare(kNpcColumns));
  Query query(statement);
  DRAMATIS_TRY(const bool row, query.put(number_of(id)).step());
  if (!row) return tl::unexpected(dialogue::no_such(id));
  return npc_of(query);
}

Result<std::vector<Npc>> SqliteStore::list_npcs() const {
  const std::lock_guard lock(inside_->mutex);
  DRAMATIS_TRY(sqlite3_stmt * statement, inside_->connection.prepare(kAllNpcs));
  Query query(statement);
  std::vector<Npc> npcs;
  for (;;) {
    DRAMATIS_TRY(const bool row, query.step());
    if (!row) return npcs;
    npcs.push_back(npc_of(query));
  }
}

Status SqliteStore::remove_npc(NpcId id) {
  const std::lock_guard lock(inside_->mutex);
  DRAMATIS_TRY(sqlite3_stmt * statement,
               inside_->connection.prepare("DELETE FROM npcs WHERE id = ?1"));
  Query query(statement);
  DRAMATIS_DO(query.put(number_of(id)).run());
  if (inside_->connection.changed() == 0) return tl::unexpected(dialogue::no_such(id));
  return {};
}

Result<std::vector<Turn>> SqliteStore::newest_turns(Pair pair, std::size_t count) const {
  const std::lock_guard lock(inside_->mutex);
  DRAMATIS_DO(inside_->known(pair));
  DRAMATIS_TRY(sqlite3_stmt * statement, inside_->connection.prepare(kTurnsNewestFirst));
  Query query(statement);
  // A negative limit would be none.
  const auto most = static_cast<std::int64_t>(
      std::min<std::size_t>(count, std::numeric_limits<std::int32_t>::max()));
  query.put(number_of(pair.npc)).put(number_of(pair.user)).put(most);
  std::vector<Turn> turns;
  for (;;) {
    DRAMATIS_TRY(const bool row, query.step());
    if (!row) break;
    turns.push_back(turn_of(query, pair));
  }
  std::ranges::reverse(turns);
  return turns;
}

Result<std::optional<Turn>> SqliteStore::find_turn(Pair pair, std::string_view key) const {
  const std::lock_guard lock(inside_->mutex);
  DRAMATIS_DO(inside_->known(pair));
  DRAMATIS_TRY(
      sqlite3_stmt * statement,
      inside_->connection.prepare("SELECT id, message, reply, thoughts, key, at_ms FROM turns "
                                  "WHERE npc = ?1 AND user = ?2 AND key = ?3"));
  Query query(statement);
  DRAMATIS_TRY(const bool row,
               query.put(number_of(pair.npc)).put(number_of(pair.user)).put(key).step());
  if (!row) return std::nullopt;
  return turn_of(query, pair);
}

Status SqliteStore::add_turn(const Turn& turn) {
  const std::lock_guard lock(inside_->mutex);
  DRAMATIS_TRY(auto transaction, Transaction::begin(inside_->connection));
  DRAMATIS_DO(inside_->known(turn.pair));
  DRAMATIS_TRY(sqlite3_stmt * statement,
               inside_->connection.prepare(
                   "INSERT INTO turns (id, message, reply, thoughts, key, at_ms, npc, user) "
                   "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"));
  {
    Query query(statement);
    put_turn(query, turn);
    DRAMATIS_DO(query.put(number_of(turn.pair.npc)).put(number_of(turn.pair.user)).run());
  }
  return transaction.commit();
}

Status SqliteStore::replace_newest(TurnId old, const Turn& turn) {
  const std::lock_guard lock(inside_->mutex);
  DRAMATIS_TRY(auto transaction, Transaction::begin(inside_->connection));
  DRAMATIS_DO(inside_->known(turn.pair));
  DRAMATIS_TRY(
      sqlite3_stmt * statement,
      inside_->connection.prepare(
          "UPDATE turns SET id = ?1, message = ?2, reply = ?3, thoughts = ?4, key = ?5, at_ms = ?6 "
          "WHERE place = (SELECT max(place) FROM turns WHERE npc = ?7 AND user = ?8) AND id = ?9"));
  {
    Query query(statement);
    put_turn(query, turn);
    DRAMATIS_DO(query.put(number_of(turn.pair.npc))
                    .put(number_of(turn.pair.user))
                    .put(number_of(old))
                    .run());
  }
  if (inside_->connection.changed() == 0) {
    return fail(ErrorCode::kConflict,
                fmt::format("{} is no longer the newest turn.", print_id(old)));
  }
  return transaction.commit();
}

Result<std::optional<Turn>> SqliteStore::remove_newest(Pair pair) {
  const std::lock_guard lock(inside_->mutex);
  DRAMATIS_TRY(auto transaction, Transaction::begin(inside_->connection));
  DRAMATIS_DO(inside_->known(pair));
  DRAMATIS_TRY(sqlite3_stmt * newest, inside_->connection.prepare(kTurnsNewestFirst));
  std::optional<Turn> removed;
  {
    Query query(newest);
    DRAMATIS_TRY(
        const bool row,
        query.put(number_of(pair.npc)).put(number_of(pair.user)).put(std::int64_t{1}).step());
    if (!row) return std::nullopt;
    removed = turn_of(query, pair);
  }
  DRAMATIS_TRY(sqlite3_stmt * statement,
               inside_->connection.prepare("DELETE FROM turns WHERE id = ?1"));
  {
    Query query(statement);
    DRAMATIS_DO(query.put(number_of(removed->id)).run());
  }
  DRAMATIS_DO(transaction.commit());
  return removed;
}

Result<std::size_t> SqliteStore::remove_turns(Pair pair) {
  const std::lock_guard lock(inside_->mutex);
  DRAMATIS_DO(inside_->known(pair));
  DRAMATIS_TRY(sqlite3_stmt * statement,
               inside_->connection.prepare("DELETE FROM turns WHERE npc = ?1 AND user = ?2"));
  Query query(statement);
  DRAMATIS_DO(query.put(number_of(pair.npc)).put(number_of(pair.user)).run());
  return inside_->connection.changed();
}

}  // namespace dramatis::store
