// Documents in memory, ranked by the words they share with a query (BM25 over stems).
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "search/ranker.h"

namespace dramatis::search {

struct Document {
  std::string id;     // what a hit names
  std::string text;   // what is searched
  std::string text2;  // searched too, at a lesser weight; may be empty
  std::string owner;  // whose it is; may be empty
};

// How much a match counts by where it stands. The second text of our documents is an answer: a word
// there says that the topic is right, a word of the question says that the question is.
struct Weights {
  double text = 1.0;
  double text2 = 0.3;
};

// Immutable once built; thread-safe (queries are served in turn).
class Index final : public Ranker {
 public:
  // Errors: kOverBudget past kMaxDocuments, kInternal where SQLite cannot.
  [[nodiscard]] static Result<std::unique_ptr<Index>> build(std::span<const Document> documents,
                                                            Weights weights = {});
  ~Index() override;

  // Over the documents of every owner.
  [[nodiscard]] Result<std::vector<Hit>> nearest(std::string_view query,
                                                 std::size_t count) const override;
  // Over the documents of `owner` alone.
  [[nodiscard]] Result<std::vector<Hit>> nearest_of(std::string_view owner, std::string_view query,
                                                    std::size_t count) const;
  // The same as a ranker; the index outlives it.
  [[nodiscard]] std::unique_ptr<Ranker> of(std::string owner) const;

 private:
  struct Inside;
  explicit Index(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

}  // namespace dramatis::search
