// libpqxx throws; nothing leaves this file but errors of ours.
#include "store/internal/postgres_connection.h"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <pqxx/except>
#include <pqxx/nontransaction>
#include <pqxx/result>

#include "store/limits.h"

namespace dramatis::store::internal {
namespace {

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

std::string in_quotes(std::string_view value) {
  std::string out = "'";
  for (const char letter : value) {
    if (letter == '\'' || letter == '\\') out += '\\';
    out += letter;
  }
  return out + "'";
}

// The options of a URL, with ours where it leaves them open: a server that is gone is noticed in
// seconds.
std::string options_of(const std::string& url) {
  const std::unique_ptr<PQconninfoOption, FreeOptions> parsed(
      PQconninfoParse(url.c_str(), nullptr));
  std::map<std::string, std::string> options{
      {"connect_timeout", std::to_string(kMaxPostgresWait.count())},
      {"keepalives_idle", "10"},
      {"keepalives_interval", "5"},
      {"keepalives_count", "2"},
      {"tcp_user_timeout", "10000"},
      {"application_name", "dramatis"}};
  for (const PQconninfoOption* at = parsed.get(); at != nullptr && at->keyword != nullptr; ++at) {
    if (at->val != nullptr) options[at->keyword] = at->val;
  }
  options["client_encoding"] = "UTF8";
  std::string joined;
  for (const auto& [key, value] : options) joined += fmt::format("{}={} ", key, in_quotes(value));
  return joined;
}

ErrorCode code_of(const std::string& state) {
  const std::string group = state.substr(0, 2);
  if (state == "23505" || state == "23503") return ErrorCode::kConflict;
  if (group == "42" && state != "42501") return ErrorCode::kCorrupt;  // not the tables we made
  if (group == "22" || group == "23" || group == "0A" || group == "XX") return ErrorCode::kInternal;
  return ErrorCode::kUnavailable;
}

}  // namespace

std::string first_line(std::string_view words) {
  const auto end = words.find('\n');
  std::string line(words.substr(0, end));
  while (!line.empty() && (line.back() == '.' || line.back() == ' ')) line.pop_back();
  return line;
}

Error error_of(const std::string& state, const std::string& words) {
  if (state.empty())
    return Error{ErrorCode::kUnavailable,
                 fmt::format("The connection to the database is lost: {}.", first_line(words))};
  if (state == "23505") return Error{ErrorCode::kConflict, "The id or the key is taken."};
  return Error{code_of(state),
               fmt::format("The database answers: {} ({}).", first_line(words), state)};
}

PostgresPool::PostgresPool(const Address& address, std::size_t most)
    : options_(options_of(address.url)), shown_(address.shown), most_(most) {}

Error PostgresPool::about(Error error) const {
  error.what = fmt::format("{}: {}", shown_, error.what);
  return error;
}

Result<std::unique_ptr<PostgresConnection>> PostgresPool::connect() const {
  try {
    auto made = std::make_unique<PostgresConnection>(options_);
    const auto wait = std::chrono::milliseconds(kMaxPostgresWait).count();
    // Set again by libpqxx, should it connect anew.
    made->link.set_variable("search_path", "dramatis");
    made->link.set_variable("statement_timeout", std::to_string(wait));
    made->link.set_variable("lock_timeout", std::to_string(wait));
    made->link.set_variable("idle_in_transaction_session_timeout", std::to_string(wait));
    return made;
  } catch (const std::exception& thrown) {
    return tl::unexpected(
        about({ErrorCode::kUnavailable,
               fmt::format("the database cannot be reached: {}.", first_line(thrown.what()))}));
  }
}

Result<PostgresPool::Lent> PostgresPool::lend() {
  std::uint64_t generation = 0;
  {
    std::unique_lock lock(mutex_);
    if (!returned_.wait_for(lock, kMaxPostgresWait,
                            [this] { return !idle_.empty() || open_ < most_; })) {
      return tl::unexpected(about(
          {ErrorCode::kUnavailable, fmt::format("all {} connections have been in use for {} s.",
                                                most_, kMaxPostgresWait.count())}));
    }
    if (!idle_.empty()) {
      auto connection = std::move(idle_.back());
      idle_.pop_back();
      return Lent(*this, std::move(connection));
    }
    ++open_;
    generation = generation_;
  }
  auto made = connect();
  if (!made) {
    const std::lock_guard lock(mutex_);
    --open_;
    returned_.notify_one();
    return tl::unexpected(std::move(made).error());
  }
  (*made)->generation = generation;
  return Lent(*this, *std::move(made));
}

void PostgresPool::take_back(std::unique_ptr<PostgresConnection> connection) {
  std::vector<std::unique_ptr<PostgresConnection>> closed;  // after the lock is free
  const std::lock_guard lock(mutex_);
  if (connection->is_in_doubt) {
    ++generation_;
    open_ -= idle_.size();
    std::swap(closed, idle_);
  }
  if (connection->is_in_doubt || connection->generation != generation_) {
    --open_;
    closed.push_back(std::move(connection));
  } else {
    idle_.push_back(std::move(connection));
  }
  // As many as there is room for: to wake all who wait would cost each of them a look.
  if (closed.size() > 1) {
    returned_.notify_all();
  } else {
    returned_.notify_one();
  }
}

PostgresPool::Lent::~Lent() {
  if (connection_ != nullptr) from_->take_back(std::move(connection_));
}

}  // namespace dramatis::store::internal
