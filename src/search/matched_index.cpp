// One query against every document of a character: a few thousand short dot products.
#include "search/matched_index.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>

#include "search/limits.h"

namespace dramatis::search {
namespace {

// Documents that BM25 gives a score; the rest share no rare word with the query.
constexpr std::size_t kWordHits = 64;

// The mean of a group's nearest documents: one wording that is near by chance counts less than
// several that are near.
double agreed(const std::vector<std::size_t>& group, const std::vector<double>& similar) {
  std::vector<double> nearest;
  for (const std::size_t n : group) nearest.push_back(similar[n]);
  const std::size_t agreeing =
      std::clamp(nearest.size() / kOneAgreesOf, kFewestAgreeing, kMostAgreeing);
  const std::size_t count = std::min(nearest.size(), agreeing);
  std::partial_sort(nearest.begin(), nearest.begin() + static_cast<std::ptrdiff_t>(count),
                    nearest.end(), std::greater<>());
  return std::accumulate(nearest.begin(), nearest.begin() + static_cast<std::ptrdiff_t>(count),
                         0.0) /
         static_cast<double>(count);
}

}  // namespace

Result<std::unique_ptr<MatchedIndex>> MatchedIndex::build(std::span<const Document> documents,
                                                          const Matcher& matcher) {
  auto index = std::unique_ptr<MatchedIndex>(new MatchedIndex(matcher));
  if (matcher.calibration().word_weight != 0) {
    DRAMATIS_TRY(index->words_, Index::build(documents));
  }
  std::map<std::string, std::size_t> group_by_name;
  for (const Document& document : documents) {
    const std::string name = document.group.empty() ? "/" + document.id : document.group;
    const auto [at, fresh] = group_by_name.emplace(name, index->groups_.size());
    if (fresh) index->groups_.emplace_back();
    index->groups_[at->second].push_back(index->ids_.size());
    if (fresh) index->answers_.emplace_back();
    if (!document.text2.empty()) index->answers_[at->second].push_back(index->ids_.size());
    index->group_of_.push_back(at->second);
    index->ids_.push_back(document.id);
    index->keep(matcher.embed(document.text));
  }
  return index;
}

// In eight bits: a cast of eight has eighty thousand wordings, and which are near is known to a
// thousandth all the same.
void MatchedIndex::keep(std::span<const float> vector) {
  float largest = 1e-9F;
  for (const float x : vector) largest = std::max(largest, std::abs(x));
  scales_.push_back(largest / 127);
  for (const float x : vector)
    vectors_.push_back(static_cast<std::int8_t>(std::lround(x / scales_.back())));
}

Result<std::vector<double>> MatchedIndex::similarities(std::string_view query) const {
  const auto wanted = matcher_.embed(query);
  std::vector<double> similar(ids_.size());
  for (std::size_t n = 0; n < ids_.size(); ++n) {
    const std::int8_t* row = vectors_.data() + n * wanted.size();
    float sum = 0;
    for (std::size_t d = 0; d < wanted.size(); ++d) sum += wanted[d] * static_cast<float>(row[d]);
    similar[n] = sum * scales_[n];
  }
  if (words_ == nullptr) return similar;
  DRAMATIS_TRY(const auto hits, words_->nearest(query, kWordHits));
  std::map<std::string_view, double> word_score;
  for (const Hit& hit : hits) word_score.emplace(hit.id, hit.score);
  for (std::size_t n = 0; n < ids_.size() && !word_score.empty(); ++n) {
    const auto found = word_score.find(ids_[n]);
    if (found != word_score.end()) similar[n] += matcher_.calibration().word_weight * found->second;
  }
  return similar;
}

double MatchedIndex::confidence(double best, double next) const {
  const Calibration& c = matcher_.calibration();
  return 1 / (1 + std::exp(-(c.slope * best + c.margin_slope * (best - next) + c.offset)));
}

Result<std::vector<Hit>> MatchedIndex::nearest(std::string_view query, std::size_t count) const {
  if (query.find_first_not_of(" \t\r\n") == query.npos || ids_.empty()) return std::vector<Hit>{};
  DRAMATIS_TRY(const auto similar, similarities(query));
  std::vector<Rated> rated(groups_.size());
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    rated[g] = {.group = g, .score = agreed(groups_[g], similar)};
  }
  std::stable_sort(rated.begin(), rated.end(),
                   [](const Rated& a, const Rated& b) { return a.score > b.score; });
  count = std::min(count, kMaxHits);
  std::vector<Hit> hits;
  for (std::size_t rank = 0; rank < rated.size() && hits.size() < count; ++rank) {
    // A group's lead is over the best of the others: behind for all but the first.
    const double other = rank > 0 ? rated[0].score : rated.size() > 1 ? rated[1].score : -1;
    const double sure = confidence(rated[rank].score, other);
    // A group is found by all of its documents; which of its answers is nearest, their own
    // questions say, since a question without an answer was written for no one answer.
    const auto& answers = answers_[rated[rank].group];
    auto members = answers.empty() ? groups_[rated[rank].group] : answers;
    std::stable_sort(members.begin(), members.end(),
                     [&](std::size_t a, std::size_t b) { return similar[a] > similar[b]; });
    for (const std::size_t n : members) {
      const double behind = similar[members.front()] - similar[n];
      if (hits.size() < count)
        hits.push_back(
            {.id = ids_[n], .score = sure * (1 - kBehind * std::clamp(behind, 0.0, 1.0))});
    }
  }
  return hits;
}

}  // namespace dramatis::search
