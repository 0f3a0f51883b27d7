// Documents ranked by what they are about (a learnt matcher) and by the words they share (BM25),
// group by group.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "search/index.h"
#include "search/matcher.h"
#include "search/ranker.h"

namespace dramatis::search {

// Immutable once built; thread-safe.
class MatchedIndex final : public Ranker {
 public:
  // `matcher` outlives the index. Errors: those of Index::build.
  [[nodiscard]] static Result<std::unique_ptr<MatchedIndex>> build(
      std::span<const Document> documents, const Matcher& matcher);

  // Of a group the documents with an answer, text2, if it has any. A hit's score is how likely it
  // is that its group is the right one, a little less for answers that are not the group's nearest.
  // Best group first; of a group, the nearest answers first, before the next group begins.
  [[nodiscard]] Result<std::vector<Hit>> nearest(std::string_view query,
                                                 std::size_t count) const override;

 private:
  // A group with its score for one query.
  struct Rated {
    std::size_t group;
    double score;
  };

  explicit MatchedIndex(const Matcher& matcher) : matcher_(matcher) {}
  [[nodiscard]] Result<std::vector<double>> similarities(std::string_view query) const;
  void keep(std::span<const float> vector);
  [[nodiscard]] double confidence(double best, double next) const;

  const Matcher& matcher_;
  std::unique_ptr<Index> words_;                   // none where the matcher goes without them
  std::vector<std::string> ids_;                   // by document
  std::vector<std::int8_t> vectors_;               // [documents, width], of each row a share
  std::vector<float> scales_;                      // of a row: what 1 in it stands for
  std::vector<std::size_t> group_of_;              // by document
  std::vector<std::vector<std::size_t>> groups_;   // documents of each
  std::vector<std::vector<std::size_t>> answers_;  // those of them with a second text
};

}  // namespace dramatis::search
