// Documents -> an FTS5 table in memory -> the nearest to a query.
#include "search/index.h"

#include <algorithm>
#include <mutex>

#include <fmt/format.h>
#include <sqlite3.h>

#include "search/internal/query.h"
#include "search/limits.h"

namespace dramatis::search {
namespace {

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
struct Finalise {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;
using Statement = std::unique_ptr<sqlite3_stmt, Finalise>;

constexpr const char* kSchema =
    "CREATE VIRTUAL TABLE documents USING fts5(id UNINDEXED, owner, text, text2, "
    "tokenize = 'porter unicode61')";
// The owner weighs nothing: whose a document is does not make it nearer.
constexpr const char* kFind =
    "SELECT id, -bm25(documents, 0.0, 0.0, ?1, ?2) AS score FROM documents WHERE documents MATCH "
    "?3 "
    "ORDER BY score DESC, rowid LIMIT ?4";

// BM25 has no upper end; a rare word found in a short question adds about this much, and then
// counts as half way to certainty.
constexpr double kHalfWay = 6.0;

Error sqlite_error(sqlite3* database, std::string_view doing) {
  return Error{ErrorCode::kInternal,
               fmt::format("The search index cannot {}: {}.", doing, sqlite3_errmsg(database))};
}

Result<Statement> prepare(sqlite3* database, const char* sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database, sql, -1, &statement, nullptr) != SQLITE_OK) {
    return tl::unexpected(sqlite_error(database, "prepare a statement"));
  }
  return Statement(statement);
}

// `text` outlives the step.
void bind_text(sqlite3_stmt* statement, int at, std::string_view text) {
  sqlite3_bind_text64(statement, at, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
}

Status insert(sqlite3* database, std::span<const Document> documents) {
  DRAMATIS_TRY(const Statement put,
               prepare(database, "INSERT INTO documents VALUES (?1, ?2, ?3, ?4)"));
  for (const auto& document : documents) {
    const std::string owner = internal::owner_word(document.owner);
    bind_text(put.get(), 1, document.id);
    bind_text(put.get(), 2, owner);
    bind_text(put.get(), 3, document.text);
    bind_text(put.get(), 4, document.text2);
    if (sqlite3_step(put.get()) != SQLITE_DONE)
      return tl::unexpected(sqlite_error(database, "take a document"));
    sqlite3_reset(put.get());
  }
  return {};
}

Status execute(sqlite3* database, const char* sql) {
  if (sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return tl::unexpected(sqlite_error(database, "be built"));
}

}  // namespace

struct Index::Inside {
  Database database;
  Statement find;  // finalised before its database
  Weights weights;
  std::mutex one_at_a_time;
};

Index::Index(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
Index::~Index() = default;

Result<std::unique_ptr<Index>> Index::build(std::span<const Document> documents, Weights weights) {
  if (documents.size() > kMaxDocuments) {
    return fail(ErrorCode::kOverBudget,
                fmt::format("{} documents are too many for one index of at most {}.",
                            documents.size(), kMaxDocuments));
  }
  sqlite3* opened = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int code = sqlite3_open_v2(":memory:", &opened, flags, nullptr);
  auto inside = std::make_unique<Inside>();
  inside->database.reset(opened);
  if (code != SQLITE_OK)
    return fail(ErrorCode::kInternal, "SQLite cannot open a database in memory.");
  DRAMATIS_DO(execute(opened, kSchema));
  DRAMATIS_DO(execute(opened, "BEGIN"));
  DRAMATIS_DO(insert(opened, documents));
  DRAMATIS_DO(execute(opened, "COMMIT"));
  DRAMATIS_TRY(inside->find, prepare(opened, kFind));
  inside->weights = weights;
  return std::unique_ptr<Index>(new Index(std::move(inside)));  // the constructor is private
}

namespace {

Result<std::vector<Hit>> run(sqlite3_stmt* find, Weights weights, const std::string& expression,
                             std::size_t count) {
  sqlite3_bind_double(find, 1, weights.text);
  sqlite3_bind_double(find, 2, weights.text2);
  bind_text(find, 3, expression);
  sqlite3_bind_int64(find, 4, static_cast<sqlite3_int64>(std::min(count, kMaxHits)));
  std::vector<Hit> hits;
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(find)) == SQLITE_ROW) {
    const auto* id = reinterpret_cast<const char*>(sqlite3_column_text(find, 0));
    const double bm25 = std::max(0.0, sqlite3_column_double(find, 1));
    hits.push_back({.id = id == nullptr ? "" : id, .score = bm25 / (bm25 + kHalfWay)});
  }
  Result<std::vector<Hit>> found = std::move(hits);
  if (code != SQLITE_DONE)
    found = tl::unexpected(sqlite_error(sqlite3_db_handle(find), "be searched"));
  sqlite3_reset(find);
  sqlite3_clear_bindings(find);
  return found;
}

// One owner's part of an index.
class OwnedPart final : public Ranker {
 public:
  // `index` outlives the part.
  OwnedPart(const Index& index, std::string owner) : index_(index), owner_(std::move(owner)) {}
  [[nodiscard]] Result<std::vector<Hit>> nearest(std::string_view query,
                                                 std::size_t count) const override {
    return index_.nearest_of(owner_, query, count);
  }

 private:
  const Index& index_;
  std::string owner_;
};

}  // namespace

Result<std::vector<Hit>> Index::nearest(std::string_view query, std::size_t count) const {
  const auto words = internal::query_words(query);
  if (words.empty() || count == 0) return std::vector<Hit>{};
  const std::string expression = fmt::format("{{text text2}} : ({})", internal::any_of(words));
  const std::lock_guard lock(inside_->one_at_a_time);
  return run(inside_->find.get(), inside_->weights, expression, count);
}

Result<std::vector<Hit>> Index::nearest_of(std::string_view owner, std::string_view query,
                                           std::size_t count) const {
  const auto words = internal::query_words(query);
  if (words.empty() || count == 0) return std::vector<Hit>{};
  const std::string expression = fmt::format("owner : {} AND {{text text2}} : ({})",
                                             internal::owner_word(owner), internal::any_of(words));
  const std::lock_guard lock(inside_->one_at_a_time);
  return run(inside_->find.get(), inside_->weights, expression, count);
}

std::unique_ptr<Ranker> Index::of(std::string owner) const {
  return std::make_unique<OwnedPart>(*this, std::move(owner));
}

}  // namespace dramatis::search
