// Transactions, and what to do with each way in which they end.
#include "store/internal/postgres_backend.h"

#include <thread>

#include <fmt/format.h>
#include <pqxx/except>
#include <pqxx/nontransaction>
#include <pqxx/transaction>

#include "base/random.h"
#include "store/internal/postgres_schema.h"
#include "store/internal/postgres_session.h"
#include "store/limits.h"

namespace dramatis::store::internal {
namespace {

enum class Fate {
  kSettled,   // committed, or refused for good
  kInTheWay,  // undone for the sake of another transaction
  kInDoubt,   // the commit was sent, its answer never came
};

struct Ended {
  Fate fate = Fate::kSettled;
  Status done{};
};

Error unknown_outcome(const std::string& words) {
  return Error{ErrorCode::kUnavailable,
               fmt::format("The connection to the database broke during a commit, and whether it "
                           "was stored is not known: {}.",
                           first_line(words))};
}

// After the commit was sent, only a refusal with a reason proves that nothing was stored.
Ended commit(pqxx::work& transaction, PostgresConnection& connection) {
  try {
    transaction.commit();
    return {};
  } catch (const pqxx::deadlock_detected& thrown) {
    return {Fate::kInTheWay, tl::unexpected(error_of("40P01", thrown.what()))};
  } catch (const pqxx::serialization_failure& thrown) {
    return {Fate::kInTheWay, tl::unexpected(error_of("40001", thrown.what()))};
  } catch (const pqxx::integrity_constraint_violation& thrown) {
    return {Fate::kSettled, tl::unexpected(error_of(thrown.sqlstate(), thrown.what()))};
  } catch (const std::exception& thrown) {
    connection.is_in_doubt = true;
    return {Fate::kInDoubt, tl::unexpected(unknown_outcome(thrown.what()))};
  }
}

Ended attempt(PostgresConnection& connection, const Work& work, PostgresSession::Try which) {
  try {
    pqxx::work transaction(connection.link);
    PostgresSession session(connection, transaction, which);
    const Status done = work(session);
    if (done) return commit(transaction, connection);
    return {session.was_in_the_way() ? Fate::kInTheWay : Fate::kSettled, done};
  } catch (const std::exception& thrown) {  // BEGIN: nothing was asked for yet
    connection.is_in_doubt = true;
    return {Fate::kSettled, tl::unexpected(error_of("", thrown.what()))};
  }
}

// Others that were in the way are tried again, too: not all at the same moment.
void wait_a_little(int tries) {
  const auto drawn = random_u64().value_or(0) % (kPostgresJitterMilliseconds << tries);
  std::this_thread::sleep_for(std::chrono::milliseconds(drawn + 1));
}

}  // namespace

Result<std::unique_ptr<PostgresBackend>> PostgresBackend::open(const Address& address) {
  std::unique_ptr<PostgresBackend> backend(
      new PostgresBackend(address));  // the constructor is private
  DRAMATIS_TRY(const auto lent, backend->writers_.lend());
  try {
    auto before = migrate(lent->link);
    if (!before) return tl::unexpected(backend->writers_.about(std::move(before).error()));
    backend->version_before_ = *before;
  } catch (const pqxx::sql_error& thrown) {
    return tl::unexpected(backend->writers_.about(error_of(thrown.sqlstate(), thrown.what())));
  } catch (const std::exception& thrown) {
    return tl::unexpected(backend->writers_.about(error_of("", thrown.what())));
  }
  return backend;
}

Status PostgresBackend::read(const Work& work, Sight sight) {
  DRAMATIS_TRY(const auto lent, readers_.lend());
  try {
    if (sight == Sight::kEachItsOwn) {
      pqxx::nontransaction statements(lent->link);
      PostgresSession session(*lent, statements, PostgresSession::Try::kFirst);
      return work(session);
    }
    pqxx::transaction<pqxx::repeatable_read, pqxx::read_only> transaction(lent->link);
    PostgresSession session(*lent, transaction, PostgresSession::Try::kFirst);
    const Status done = work(session);
    if (done) transaction.commit();
    return done;
  } catch (const std::exception& thrown) {
    lent->is_in_doubt = true;
    return tl::unexpected(error_of("", thrown.what()));
  }
}

Status PostgresBackend::change(const Work& work) {
  auto which = PostgresSession::Try::kFirst;
  Ended ended;
  for (int tries = 0; tries < kMaxPostgresTries; ++tries) {
    if (tries > 0) wait_a_little(tries);
    const auto lent = writers_.lend();
    if (!lent) {
      // Whether the last commit went through cannot be asked: that error is the one to tell.
      return ended.fate == Fate::kInDoubt ? ended.done : Status(tl::unexpected(lent.error()));
    }
    // The first statement of the second try waits for the locks of the first, wherever it is.
    ended = attempt(**lent, work, which);
    // An id that is taken may be the one that the first try took while the second looked for it.
    const bool may_be_ours = which == PostgresSession::Try::kAgain && !ended.done &&
                             ended.done.error().code == ErrorCode::kConflict;
    if (ended.fate == Fate::kSettled && !may_be_ours) return ended.done;
    if (ended.fate == Fate::kInDoubt) which = PostgresSession::Try::kAgain;
  }
  return ended.done;
}

}  // namespace dramatis::store::internal
