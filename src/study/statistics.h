// Numbers -> means with intervals, differences, strengths of players, agreement of judges.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"

namespace dramatis::study {

// A mean, and where 95 % of the resampled means lie.
struct Interval {
  double low = 0, mean = 0, high = 0;
  std::size_t of = 0;  // values

  friend bool operator==(const Interval&, const Interval&) = default;
};

[[nodiscard]] double mean(std::span<const double> values);

// The mean of `values` with the percentile bootstrap of kBootstrapDraws. The same seed gives the
// same interval; one value is its own interval, none is all zeros.
// Source: Efron 1979, "Bootstrap methods".
[[nodiscard]] Interval bootstrap(std::span<const double> values, std::uint64_t seed);

// The same of b[n] - a[n]: two systems on the same questions. Checked: of one length.
[[nodiscard]] Interval paired_difference(std::span<const double> a, std::span<const double> b,
                                         std::uint64_t seed);

// wins[a][b]: how often a beat b. A tie is half a win for each.
using Wins = std::vector<std::vector<double>>;

// The strength of each player, their sum 1: a beats b with probability s[a] / (s[a] + s[b]).
// Errors: kInvalidArgument for a table that is not square, and where the players fall into groups
// of which one never lost to the other: no strengths are likeliest then. Source: Hunter 2004, "MM
// algorithms for generalized Bradley-Terry models".
[[nodiscard]] Result<std::vector<double>> bradley_terry(const Wins& wins);

// One game between two players; `score` is 1 where the first won, 0 where the second did, 0.5 for
// a tie.
struct Game {
  std::size_t first = 0, second = 0;
  double score = 0.5;
};

// Strengths with intervals from resampled games, `players` of them. Half a game's tie of each pair
// that met is added to every table, so that a player who won all its games has a strength, too.
[[nodiscard]] Result<std::vector<Interval>> league(std::span<const Game> games, std::size_t players,
                                                   std::uint64_t seed);

// How far two judges agree on scores from 1 to `most`: 1 for always, 0 for no more than chance.
// Disagreements count by their square. Nothing in common, or all scores alike: 1 where they are the
// same, else 0. Checked: of one length, scores in range.
// Source: Cohen 1968, "Weighted kappa".
[[nodiscard]] double weighted_kappa(std::span<const int> a, std::span<const int> b, int most);

}  // namespace dramatis::study
