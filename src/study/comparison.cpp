// Points of common questions, pair by pair.
#include "study/comparison.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/check.h"

namespace dramatis::study {
namespace {

using Points = std::map<Dimension, double>;

double mean_of(const Points& points) {
  double sum = 0;
  for (const auto& [dimension, value] : points) sum += value;
  return points.empty() ? 0 : sum / static_cast<double>(points.size());
}

std::vector<std::string> common_of(const Candidate& a, const Candidate& b) {
  std::vector<std::string> common;
  for (const auto& [question, points] : a.points) {
    if (b.points.contains(question)) common.push_back(question);
  }
  return common;
}

Pair pair_of(const std::vector<Candidate>& all, std::size_t a, std::size_t b, std::uint64_t seed) {
  const auto common = common_of(all[a], all[b]);
  Pair pair{.a = a, .b = b, .common = common.size()};
  for (const auto dimension : all_dimensions()) {
    std::vector<double> of_a, of_b;
    for (const auto& question : common) {
      const Points &its = all[a].points.at(question), &theirs = all[b].points.at(question);
      if (!its.contains(dimension) || !theirs.contains(dimension)) continue;
      of_a.push_back(its.at(dimension));
      of_b.push_back(theirs.at(dimension));
    }
    if (!of_a.empty()) pair.difference[dimension] = paired_difference(of_a, of_b, seed);
  }
  std::vector<double> of_a, of_b;
  for (const auto& question : common) {
    of_a.push_back(mean_of(all[a].points.at(question)));
    of_b.push_back(mean_of(all[b].points.at(question)));
  }
  pair.all = paired_difference(of_a, of_b, seed);
  return pair;
}

std::vector<Game> games_of(const std::vector<Candidate>& all) {
  std::vector<Game> games;
  for (std::size_t a = 0; a < all.size(); ++a) {
    for (std::size_t b = a + 1; b < all.size(); ++b) {
      for (const auto& question : common_of(all[a], all[b])) {
        const double its = mean_of(all[a].points.at(question));
        const double theirs = mean_of(all[b].points.at(question));
        games.push_back({a, b, its > theirs ? 1.0 : its < theirs ? 0.0 : 0.5});
      }
    }
  }
  return games;
}

Status judge(const std::vector<Candidate>& candidates) {
  if (candidates.size() < 2)
    return fail(ErrorCode::kInvalidArgument, "Two candidates at least can be compared.");
  std::set<std::string> names;
  for (const auto& one : candidates) {
    if (!names.insert(one.name).second)
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("Two candidates are called '{}'; give one another name.", one.name));
  }
  for (std::size_t a = 0; a < candidates.size(); ++a) {
    for (std::size_t b = a + 1; b < candidates.size(); ++b) {
      if (!common_of(candidates[a], candidates[b]).empty()) continue;
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("'{}' and '{}' answered no common question; ask both the same.",
                              candidates[a].name, candidates[b].name));
    }
  }
  return {};
}

Error wrong(std::string_view place, std::string_view field) {
  return {ErrorCode::kCorrupt,
          fmt::format("{}: the field '{}' is missing or wrong; a report that `dramatis interview` "
                      "wrote has it.",
                      place, field)};
}

Result<Points> read_points(const text::Json& row, std::string_view place) {
  const auto* const found = row.find("points");
  if (found == nullptr || found->as_object() == nullptr)
    return tl::unexpected(wrong(place, "rows.points"));
  Points points;
  for (const auto dimension : all_dimensions()) {
    const auto* const value = found->find(print(dimension));
    const auto number = value == nullptr ? std::nullopt : value->as_number();
    if (value != nullptr && !number) return tl::unexpected(wrong(place, "rows.points"));
    if (number) points[dimension] = *number;
  }
  return points;
}

double number_in(const text::Json& json, std::string_view of, std::string_view name) {
  const auto* const cost = json.find(of);
  const auto* const found = cost == nullptr ? nullptr : cost->find(name);
  return found == nullptr ? 0 : found->as_number().value_or(0);
}

Result<std::string> text_in(const text::Json& json, std::string_view field,
                            std::string_view place) {
  const auto* const found = json.find(field);
  if (found == nullptr || found->as_string() == nullptr) return tl::unexpected(wrong(place, field));
  return *found->as_string();
}

}  // namespace

Candidate candidate_of(const Scorecard& card, std::string name) {
  return candidate_of(std::span(&card, 1), std::move(name));
}

Candidate candidate_of(std::span<const Scorecard> runs, std::string name) {
  DRAMATIS_CHECK(!runs.empty());
  Candidate made{.name = std::move(name)};
  std::map<std::string, std::map<Dimension, std::vector<double>>> all;
  double seconds = 0, tokens = 0, answers = 0;
  for (const auto& run : runs) {
    for (const auto& one : run.graded) {
      for (const auto& [dimension, value] : one.points)
        all[one.character + "/" + one.question][dimension].push_back(value);
      answers += static_cast<double>(one.said.size());
    }
    seconds += std::chrono::duration<double>(run.total).count();
    tokens += static_cast<double>(run.tokens);
  }
  for (const auto& [question, dimensions] : all) {
    for (const auto& [dimension, values] : dimensions)
      made.points[question][dimension] = mean(values);
  }
  if (answers > 0) {
    made.seconds_per_answer = seconds / answers;
    made.tokens_per_answer = tokens / answers;
  }
  return made;
}

Result<Candidate> read_candidate(const text::Json& json, std::string_view place) {
  Candidate made;
  DRAMATIS_TRY(made.name, text_in(json, "answered_by", place));
  const auto* const rows = json.find("rows");
  if (rows == nullptr || rows->as_array() == nullptr) return tl::unexpected(wrong(place, "rows"));
  for (const auto& row : *rows->as_array()) {
    DRAMATIS_TRY(const auto character, text_in(row, "character", place));
    DRAMATIS_TRY(const auto question, text_in(row, "question", place));
    DRAMATIS_TRY(auto points, read_points(row, place));
    made.points[character + "/" + question] = std::move(points);
  }
  made.seconds_per_answer = number_in(json, "cost", "seconds_per_answer");
  made.tokens_per_answer = number_in(json, "cost", "tokens_per_answer");
  return made;
}

Result<Compared> compare_candidates(std::vector<Candidate> candidates, std::uint64_t seed) {
  DRAMATIS_DO(judge(candidates));
  Compared made{.candidates = std::move(candidates)};
  const auto& all = made.candidates;
  for (std::size_t a = 0; a < all.size(); ++a) {
    for (std::size_t b = a + 1; b < all.size(); ++b) made.pairs.push_back(pair_of(all, a, b, seed));
  }
  if (all.size() > 2) {
    DRAMATIS_TRY(made.league, league(games_of(all), all.size(), seed));
  }
  return made;
}

text::JsonObject json_of(const Compared& compared) {
  text::JsonArray candidates, pairs;
  for (std::size_t n = 0; n < compared.candidates.size(); ++n) {
    const auto& one = compared.candidates[n];
    text::JsonObject row{{"name", one.name},
                         {"questions", one.points.size()},
                         {"seconds_per_answer", one.seconds_per_answer},
                         {"tokens_per_answer", one.tokens_per_answer}};
    if (!compared.league.empty()) row.emplace_back("strength", json_of(compared.league[n]));
    candidates.emplace_back(std::move(row));
  }
  for (const auto& pair : compared.pairs) {
    text::JsonObject difference;
    for (const auto& [dimension, interval] : pair.difference)
      difference.emplace_back(std::string(print(dimension)), json_of(interval));
    pairs.emplace_back(text::JsonObject{{"a", compared.candidates[pair.a].name},
                                        {"b", compared.candidates[pair.b].name},
                                        {"common", pair.common},
                                        {"difference", std::move(difference)},
                                        {"all", json_of(pair.all)}});
  }
  return {{"candidates", std::move(candidates)}, {"pairs", std::move(pairs)}};
}

}  // namespace dramatis::study
