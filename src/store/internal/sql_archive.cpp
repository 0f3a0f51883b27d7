// Rows of runs, steps and items.
#include "store/internal/sql_archive.h"

#include <algorithm>
#include <mutex>
#include <set>

#include <fmt/format.h>

#include "dataset/limits.h"
#include "dataset/record.h"
#include "store/internal/rows.h"
#include "store/limits.h"
#include "text/limits.h"

namespace dramatis::store::internal {
namespace {

using dataset::Claim;
using dataset::Cost;
using dataset::Kept;
using dataset::Left;
using dataset::StepKey;

std::uint64_t natural(const Cell& cell) {
  return static_cast<std::uint64_t>(integer(cell));
}

Cost cost_of(const Row& row) {
  return {.requests = natural(row.at(0)),
          .prompt_tokens = natural(row.at(1)),
          .reply_tokens = natural(row.at(2)),
          .micros = natural(row.at(3))};
}

// The row of the run, made where there is none.
Result<std::int64_t> take_run(Session& session, std::string_view name) {
  DRAMATIS_DO(
      session.run("INSERT INTO dataset_runs (name, requests, prompt_tokens, reply_tokens, micros) "
                  "VALUES (?1, 0, 0, 0, 0) ON CONFLICT (name) DO NOTHING",
                  {name}));
  DRAMATIS_TRY(const auto found,
               session.run("SELECT place FROM dataset_runs WHERE name = ?1", {name}));
  if (found.rows.empty())
    return fail(ErrorCode::kUnavailable, fmt::format("The run {} has just been removed.", name));
  return integer(found.rows.front().at(0));
}

struct StepRow {
  std::int64_t place = 0;
  std::string recipe{};
};

// The row of the step, made where there is none, and held until the transaction ends: nobody else
// adds items.
Result<StepRow> hold_step(Session& session, std::string_view run, const StepKey& key,
                          std::string_view recipe) {
  DRAMATIS_TRY(const auto of, take_run(session, run));
  DRAMATIS_DO(
      session.run("INSERT INTO dataset_steps (run, whose, step, recipe) VALUES (?1, ?2, ?3, ?4) "
                  "ON CONFLICT (run, whose, step) DO NOTHING",
                  {of, std::string_view(key.character), std::string_view(key.step), recipe}));
  DRAMATIS_TRY(const auto found,
               session.run("SELECT place, recipe FROM dataset_steps "
                           "WHERE run = ?1 AND whose = ?2 AND step = ?3" DRAMATIS_STORE_HOLD,
                           {of, std::string_view(key.character), std::string_view(key.step)}));
  if (found.rows.empty()) return fail(ErrorCode::kUnavailable, "The step has just been put aside.");
  const Row& row = found.rows.front();
  return StepRow{.place = integer(row.at(0)), .recipe = text(row.at(1))};
}

Result<std::int64_t> next_item(Session& session, std::int64_t step) {
  DRAMATIS_TRY(
      const auto last,
      session.run("SELECT coalesce(max(item) + 1, 0) FROM dataset_items WHERE step = ?1", {step}));
  return integer(last.rows.at(0).at(0));
}

// One step, open for one worker. Thread-safe.
class SqlBook final : public dataset::Book {
 public:
  SqlBook(Backend& backend, const SqlWorker& worker, std::int64_t step, std::uint64_t count)
      : backend_(backend), worker_(worker), step_(step), count_(count) {}

  [[nodiscard]] std::uint64_t count() const override { return count_; }

  [[nodiscard]] Result<std::uint64_t> made() override {
    return internal::read(
        backend_,
        [&](Session& session) -> Result<std::uint64_t> {
          DRAMATIS_TRY(const auto unmade,
                       session.run("SELECT count(*) FROM dataset_items "
                                   "WHERE step = ?1 AND item < ?2 AND record IS NULL",
                                   {step_, end()}));
          return count_ - std::min(count_, natural(unmade.rows.at(0).at(0)));
        },
        Sight::kEachItsOwn);
  }

  [[nodiscard]] Result<Claim> claim() override {
    DRAMATIS_TRY(const auto claimed, change(backend_, [&](Session& session) -> Result<Claim> {
                   return claim_in(session);
                 }));
    if (claimed.left == Left::kItem) {
      const std::lock_guard lock(mutex_);
      under_way_.insert(claimed.item);
    }
    return claimed;
  }

  [[nodiscard]] Result<Kept> keep(std::uint64_t item, const text::JsonObject& record) override {
    const std::string printed = text::print_json(text::Json(record));
    if (printed.size() > text::kMaxRecordBytes) {
      return fail(ErrorCode::kOverBudget, fmt::format("A record has {} bytes; at most {} are kept.",
                                                      printed.size(), text::kMaxRecordBytes));
    }
    DRAMATIS_TRY(const auto kept, change(backend_, [&](Session& session) -> Result<Kept> {
                   return keep_in(session, item, printed);
                 }));
    let_go(item);
    return kept;
  }

  [[nodiscard]] Status give_back(std::uint64_t item) override {
    let_go(item);
    return change(backend_, [&](Session& session) -> Status {
      DRAMATIS_DO(
          session.run("UPDATE dataset_items SET until_ms = 0 "
                      "WHERE step = ?1 AND item = ?2 AND worker = ?3 AND record IS NULL",
                      {step_, static_cast<std::int64_t>(item), worker_.id}));
      return {};
    });
  }

  // Two may get lost before the third is too late.
  [[nodiscard]] std::chrono::milliseconds pulse() const override {
    return std::chrono::milliseconds(worker_.lease_ms / 3);
  }

  [[nodiscard]] Status renew() override {
    std::set<std::uint64_t> items;
    {
      const std::lock_guard lock(mutex_);
      items = under_way_;
    }
    if (items.empty()) return {};
    return change(backend_, [&](Session& session) -> Status {
      for (const std::uint64_t item : items) {
        DRAMATIS_DO(
            session.run("UPDATE dataset_items SET until_ms = " DRAMATIS_STORE_NOW " + ?4 "
                        "WHERE step = ?1 AND item = ?2 AND worker = ?3 AND record IS NULL",
                        {step_, static_cast<std::int64_t>(item), worker_.id, worker_.lease_ms}));
      }
      return {};
    });
  }

 private:
  [[nodiscard]] std::int64_t end() const { return static_cast<std::int64_t>(count_); }

  Result<Claim> claim_in(Session& session) const {
    DRAMATIS_TRY(const auto found, session.run("SELECT place, item FROM dataset_items "
                                               "WHERE step = ?1 AND item < ?2 AND record IS NULL "
                                               "AND until_ms <= " DRAMATIS_STORE_NOW " "
                                               "ORDER BY item LIMIT 1" DRAMATIS_STORE_TAKE,
                                               {step_, end()}));
    if (!found.rows.empty()) {
      const Row& row = found.rows.front();
      DRAMATIS_DO(
          session.run("UPDATE dataset_items SET worker = ?2, "
                      "until_ms = " DRAMATIS_STORE_NOW " + ?3 WHERE place = ?1",
                      {integer(row.at(0)), worker_.id, worker_.lease_ms}));
      return Claim{.left = Left::kItem, .item = natural(row.at(1))};
    }
    DRAMATIS_TRY(const auto unmade,
                 session.run("SELECT 1 FROM dataset_items "
                             "WHERE step = ?1 AND item < ?2 AND record IS NULL LIMIT 1",
                             {step_, end()}));
    return Claim{.left = unmade.rows.empty() ? Left::kNothing : Left::kOthers};
  }

  Result<Kept> keep_in(Session& session, std::uint64_t item, std::string_view record) const {
    const auto number = static_cast<std::int64_t>(item);
    DRAMATIS_TRY(const auto kept,
                 session.run("UPDATE dataset_items SET record = ?4, worker = ?3, until_ms = 0 "
                             "WHERE step = ?1 AND item = ?2 AND record IS NULL",
                             {step_, number, worker_.id, record}));
    if (kept.changed > 0) return Kept::kYes;
    if (!session.again()) return Kept::kNo;
    // The answer to our own commit may have got lost.
    DRAMATIS_TRY(
        const auto ours,
        session.run("SELECT 1 FROM dataset_items WHERE step = ?1 AND item = ?2 AND worker = ?3",
                    {step_, number, worker_.id}));
    return ours.rows.empty() ? Kept::kNo : Kept::kYes;
  }

  void let_go(std::uint64_t item) {
    const std::lock_guard lock(mutex_);
    under_way_.erase(item);
  }

  Backend& backend_;
  const SqlWorker& worker_;  // the archive's
  const std::int64_t step_;
  const std::uint64_t count_;
  std::mutex mutex_;
  std::set<std::uint64_t> under_way_;  // guarded by mutex_
};

}  // namespace

Result<std::unique_ptr<dataset::Book>> SqlArchive::open(const StepKey& key,
                                                        const dataset::StepPlan& plan) {
  DRAMATIS_TRY(const auto step, change(backend_, [&](Session& session) -> Result<std::int64_t> {
                 DRAMATIS_DO(session.take_time());
                 DRAMATIS_TRY(const auto row, hold_step(session, worker_.run, key, plan.recipe));
                 if (row.recipe != plan.recipe) {
                   return tl::unexpected(dataset::made_otherwise(
                       fmt::format("{}, {} of {}", worker_.place, key.step, key.character)));
                 }
                 DRAMATIS_TRY(const auto next, next_item(session, row.place));
                 const auto count = static_cast<std::int64_t>(plan.count);
                 if (next >= count) return row.place;
                 DRAMATIS_DO(session.run(
                     "INSERT INTO dataset_items (step, item, worker, until_ms) "
                     "WITH RECURSIVE numbers(n) AS (SELECT CAST(?2 AS BIGINT) UNION ALL "
                     "SELECT n + 1 FROM numbers WHERE n + 1 < ?3) "
                     "SELECT CAST(?1 AS BIGINT), n, 0, 0 FROM numbers",
                     {row.place, next, count}));
                 return row.place;
               }));
  return std::make_unique<SqlBook>(backend_, worker_, step, plan.count);
}

Result<std::vector<text::Json>> SqlArchive::read(const StepKey& key) const {
  return internal::read(backend_, [&](Session& session) -> Result<std::vector<text::Json>> {
    DRAMATIS_DO(session.take_time());
    std::vector<text::Json> records;
    DRAMATIS_TRY(const auto found,
                 session.run("SELECT s.place, s.recipe FROM dataset_steps AS s "
                             "JOIN dataset_runs AS r ON r.place = s.run "
                             "WHERE r.name = ?1 AND s.whose = ?2 AND s.step = ?3",
                             {std::string_view(worker_.run), std::string_view(key.character),
                              std::string_view(key.step)}));
    if (found.rows.empty()) return records;
    const std::int64_t step = integer(found.rows.front().at(0));
    records.emplace_back(text::JsonObject{{"recipe", text(found.rows.front().at(1))}});
    for (std::int64_t after = -1;;) {
      DRAMATIS_TRY(const auto page,
                   session.run("SELECT item, record FROM dataset_items WHERE step = ?1 "
                               "AND item > ?2 AND record IS NOT NULL ORDER BY item LIMIT ?3",
                               {step, after, static_cast<std::int64_t>(kRowsAtOnce)}));
      if (page.rows.empty()) return records;
      for (const Row& row : page.rows) {
        after = integer(row.at(0));
        auto record = text::parse_json(text(row.at(1)), text::kMaxRecordBytes);
        if (!record) {
          return fail(ErrorCode::kCorrupt,
                      fmt::format("{}, {} of {}, item {}: {}", worker_.place, key.step,
                                  key.character, after, record.error().what));
        }
        records.push_back(*std::move(record));
      }
    }
  });
}

Status SqlArchive::put_aside(const std::vector<StepKey>& steps) {
  return change(backend_, [&](Session& session) -> Status {
    DRAMATIS_DO(session.take_time());
    DRAMATIS_TRY(const auto run, take_run(session, worker_.run));
    for (const auto& [character, step] : steps) {
      // Where there is nothing new, the old stays: this may be the second try of the same.
      DRAMATIS_TRY(const auto found,
                   session.run("SELECT place FROM dataset_steps "
                               "WHERE run = ?1 AND whose = ?2 AND step = ?3" DRAMATIS_STORE_HOLD,
                               {run, std::string_view(character), std::string_view(step)}));
      if (found.rows.empty()) continue;
      const std::string aside = step + ".before";
      DRAMATIS_DO(
          session.run("DELETE FROM dataset_steps WHERE run = ?1 AND whose = ?2 AND step = ?3",
                      {run, std::string_view(character), std::string_view(aside)}));
      DRAMATIS_DO(session.run("UPDATE dataset_steps SET step = ?2 WHERE place = ?1",
                              {integer(found.rows.front().at(0)), std::string_view(aside)}));
    }
    DRAMATIS_DO(
        session.run("UPDATE dataset_runs SET requests = 0, prompt_tokens = 0, "
                    "reply_tokens = 0, micros = 0 WHERE place = ?1",
                    {run}));
    return {};
  });
}

Result<std::size_t> SqlArchive::add_talks(const std::string& character,
                                          const std::vector<text::JsonObject>& talks) {
  const StepKey key{.character = character, .step = "talks"};
  return change(backend_, [&](Session& session) -> Result<std::size_t> {
    DRAMATIS_DO(session.take_time());
    DRAMATIS_TRY(const auto step, hold_step(session, worker_.run, key, ""));
    DRAMATIS_TRY(
        const auto rows,
        session.run("SELECT record FROM dataset_items WHERE step = ?1 AND record IS NOT NULL",
                    {step.place}));
    std::set<std::string> known;
    for (const Row& row : rows.rows) {
      DRAMATIS_TRY(const auto record, text::parse_json(text(row.at(0)), text::kMaxRecordBytes));
      known.insert(dataset::text_in(record, "talk"));
    }
    DRAMATIS_TRY(auto next, next_item(session, step.place));
    std::size_t added = 0;
    for (const auto& talk : talks) {
      const text::Json record(talk);
      if (!known.insert(dataset::text_in(record, "talk")).second) continue;
      if (known.size() > dataset::kMaxTalks) return tl::unexpected(dataset::too_many_talks());
      const std::string printed = text::print_json(record);
      if (printed.size() > text::kMaxRecordBytes) {
        return fail(ErrorCode::kOverBudget, fmt::format("A talk has {} bytes; at most {} are kept.",
                                                        printed.size(), text::kMaxRecordBytes));
      }
      DRAMATIS_DO(
          session.run("INSERT INTO dataset_items (step, item, worker, until_ms, record) "
                      "VALUES (?1, ?2, ?3, 0, ?4)",
                      {step.place, next++, worker_.id, std::string_view(printed)}));
      ++added;
    }
    return added;
  });
}

Result<Cost> SqlArchive::spent(const std::vector<StepKey>& /*steps*/) const {
  return internal::read(
      backend_,
      [&](Session& session) -> Result<Cost> {
        DRAMATIS_TRY(const auto found,
                     session.run("SELECT requests, prompt_tokens, reply_tokens, micros "
                                 "FROM dataset_runs WHERE name = ?1",
                                 {std::string_view(worker_.run)}));
        return found.rows.empty() ? Cost{} : cost_of(found.rows.front());
      },
      Sight::kEachItsOwn);
}

Result<dataset::Hands> SqlArchive::hands() const {
  return internal::read(
      backend_,
      [&](Session& session) -> Result<dataset::Hands> {
        DRAMATIS_TRY(
            const auto found,
            session.run("SELECT count(DISTINCT i.worker), count(*) FROM dataset_items AS i "
                        "JOIN dataset_steps AS s ON s.place = i.step "
                        "JOIN dataset_runs AS r ON r.place = s.run "
                        "WHERE r.name = ?1 AND i.record IS NULL "
                        "AND i.until_ms > " DRAMATIS_STORE_NOW,
                        {std::string_view(worker_.run)}));
        const Row& row = found.rows.at(0);
        return dataset::Hands{.workers = natural(row.at(0)), .items = natural(row.at(1))};
      },
      Sight::kEachItsOwn);
}

// Should the answer to a commit get lost, a request or its tokens may be counted twice: never too
// little.
Result<dataset::Till::Answer> SqlArchive::begin(const dataset::WritingBudget& budget) {
  return change(backend_, [&](Session& session) -> Result<Answer> {
    DRAMATIS_TRY(const auto found,
                 session.run("SELECT requests, prompt_tokens, reply_tokens, micros "
                             "FROM dataset_runs WHERE name = ?1" DRAMATIS_STORE_HOLD,
                             {std::string_view(worker_.run)}));
    if (found.rows.empty()) return fail(ErrorCode::kNotFound, worker_.place + ": it is gone.");
    Answer answer{.granted = false, .so_far = cost_of(found.rows.front())};
    if (dataset::is_spent(budget, answer.so_far)) return answer;
    DRAMATIS_DO(session.run("UPDATE dataset_runs SET requests = requests + 1 WHERE name = ?1",
                            {std::string_view(worker_.run)}));
    answer.granted = true;
    ++answer.so_far.requests;
    return answer;
  });
}

Result<Cost> SqlArchive::pay(const Cost& cost) {
  return change(backend_, [&](Session& session) -> Result<Cost> {
    DRAMATIS_DO(session.run(
        "UPDATE dataset_runs SET requests = requests + ?2, prompt_tokens = prompt_tokens + ?3, "
        "reply_tokens = reply_tokens + ?4, micros = micros + ?5 WHERE name = ?1",
        {std::string_view(worker_.run), static_cast<std::int64_t>(cost.requests),
         static_cast<std::int64_t>(cost.prompt_tokens),
         static_cast<std::int64_t>(cost.reply_tokens), static_cast<std::int64_t>(cost.micros)}));
    DRAMATIS_TRY(const auto found, session.run("SELECT requests, prompt_tokens, reply_tokens, "
                                               "micros FROM dataset_runs WHERE name = ?1",
                                               {std::string_view(worker_.run)}));
    return found.rows.empty() ? Cost{} : cost_of(found.rows.front());
  });
}

}  // namespace dramatis::store::internal
