// Resampling with a seeded generator; minorisation and maximisation.
#include "study/statistics.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "base/check.h"
#include "base/random.h"
#include "study/limits.h"

namespace dramatis::study {
namespace {

constexpr double kTail = 0.025;  // of each side of a 95 % interval
// Below this, strengths no longer move: doubles have 16 digits, and reports print three.
constexpr double kStill = 1e-12;

// The value below which the share `part` lies, between its neighbours.
double percentile(std::span<const double> sorted, double part) {
  const double at = part * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

Interval interval_of(std::vector<double> drawn, double middle, std::size_t of) {
  std::ranges::sort(drawn);
  return {.low = percentile(drawn, kTail),
          .mean = middle,
          .high = percentile(drawn, 1 - kTail),
          .of = of};
}

bool is_square(const Wins& wins) {
  return std::ranges::all_of(wins, [&](const auto& row) { return row.size() == wins.size(); });
}

// Whether everybody can be reached from the first player along wins (or, backwards, losses).
bool reaches_all(const Wins& wins, bool backwards) {
  std::vector<bool> seen(wins.size(), false);
  std::vector<std::size_t> open{0};
  seen[0] = true;
  while (!open.empty()) {
    const std::size_t a = open.back();
    open.pop_back();
    for (std::size_t b = 0; b < wins.size(); ++b) {
      if (seen[b] || (backwards ? wins[b][a] : wins[a][b]) <= 0) continue;
      seen[b] = true;
      open.push_back(b);
    }
  }
  return std::ranges::all_of(seen, std::identity());
}

std::vector<double> improve(const Wins& wins, const std::vector<double>& strengths) {
  std::vector<double> better(strengths.size());
  for (std::size_t a = 0; a < strengths.size(); ++a) {
    double won = 0, weight = 0;
    for (std::size_t b = 0; b < strengths.size(); ++b) {
      if (a == b) continue;
      won += wins[a][b];
      weight += (wins[a][b] + wins[b][a]) / (strengths[a] + strengths[b]);
    }
    better[a] = won / weight;
  }
  const double sum = std::accumulate(better.begin(), better.end(), 0.0);
  for (double& strength : better) strength /= sum;
  return better;
}

Wins table_of(std::span<const Game> games, std::size_t players) {
  Wins wins(players, std::vector<double>(players, 0));
  for (const auto& game : games) {
    wins[game.first][game.second] += game.score;
    wins[game.second][game.first] += 1 - game.score;
  }
  return wins;
}

void add_ties(std::span<const Game> games, Wins& wins) {
  std::map<std::pair<std::size_t, std::size_t>, bool> met;
  for (const auto& game : games) met[std::minmax(game.first, game.second)] = true;
  for (const auto& [pair, yes] : met) {
    wins[pair.first][pair.second] += 0.25;
    wins[pair.second][pair.first] += 0.25;
  }
}

Status judge(std::span<const Game> games, std::size_t players) {
  for (const auto& game : games) {
    const bool known = game.first < players && game.second < players && game.first != game.second;
    if (known && game.score >= 0 && game.score <= 1) continue;
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("A game of player {} and player {} with the score {} is none of {}.",
                            game.first, game.second, game.score, players));
  }
  return {};
}

}  // namespace

double mean(std::span<const double> values) {
  if (values.empty()) return 0;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

Interval bootstrap(std::span<const double> values, std::uint64_t seed) {
  if (values.empty()) return {};
  Rng rng(seed);
  std::vector<double> drawn(kBootstrapDraws);
  for (double& one : drawn) {
    double sum = 0;
    for (std::size_t n = 0; n < values.size(); ++n) sum += values[rng.below(values.size())];
    one = sum / static_cast<double>(values.size());
  }
  return interval_of(std::move(drawn), mean(values), values.size());
}

Interval paired_difference(std::span<const double> a, std::span<const double> b,
                           std::uint64_t seed) {
  DRAMATIS_CHECK(a.size() == b.size());
  std::vector<double> differences(a.size());
  std::transform(b.begin(), b.end(), a.begin(), differences.begin(), std::minus<>());
  return bootstrap(differences, seed);
}

Result<std::vector<double>> bradley_terry(const Wins& wins) {
  if (wins.size() < 2 || !is_square(wins))
    return fail(ErrorCode::kInvalidArgument, "A table of wins has a row and a column for each.");
  if (!reaches_all(wins, false) || !reaches_all(wins, true)) {
    return fail(ErrorCode::kInvalidArgument,
                "Some of the players never lost to the others, or never met them; their strengths "
                "cannot be compared.");
  }
  std::vector<double> strengths(wins.size(), 1.0 / static_cast<double>(wins.size()));
  for (std::size_t round = 0; round < kBradleyTerryRounds; ++round) {
    auto better = improve(wins, strengths);
    double moved = 0;
    for (std::size_t n = 0; n < wins.size(); ++n)
      moved = std::max(moved, std::abs(better[n] - strengths[n]));
    strengths = std::move(better);
    if (moved < kStill) break;
  }
  return strengths;
}

Result<std::vector<Interval>> league(std::span<const Game> games, std::size_t players,
                                     std::uint64_t seed) {
  DRAMATIS_DO(judge(games, players));
  Wins wins = table_of(games, players);
  add_ties(games, wins);
  DRAMATIS_TRY(const auto middle, bradley_terry(wins));
  Rng rng(seed);
  std::vector<std::vector<double>> drawn(players);
  std::vector<Game> resampled(games.size());
  // A tenth of the draws: each one is an iteration of its own.
  for (std::size_t draw = 0; draw < kBootstrapDraws / 10; ++draw) {
    for (auto& game : resampled) game = games[rng.below(games.size())];
    Wins table = table_of(resampled, players);
    add_ties(games, table);
    DRAMATIS_TRY(const auto strengths, bradley_terry(table));
    for (std::size_t n = 0; n < players; ++n) drawn[n].push_back(strengths[n]);
  }
  std::vector<Interval> table;
  for (std::size_t n = 0; n < players; ++n)
    table.push_back(interval_of(std::move(drawn[n]), middle[n], games.size()));
  return table;
}

double weighted_kappa(std::span<const int> a, std::span<const int> b, int most) {
  DRAMATIS_CHECK(a.size() == b.size());
  if (a.empty()) return 1;
  std::vector<double> of_a(static_cast<std::size_t>(most) + 1), of_b(of_a.size());
  double seen = 0;
  for (std::size_t n = 0; n < a.size(); ++n) {
    DRAMATIS_CHECK(a[n] >= 1 && a[n] <= most && b[n] >= 1 && b[n] <= most);
    const double apart = a[n] - b[n];
    seen += apart * apart;
    ++of_a[static_cast<std::size_t>(a[n])];
    ++of_b[static_cast<std::size_t>(b[n])];
  }
  double expected = 0;
  for (std::size_t i = 1; i < of_a.size(); ++i) {
    for (std::size_t j = 1; j < of_b.size(); ++j) {
      const double apart = static_cast<double>(i) - static_cast<double>(j);
      expected += apart * apart * of_a[i] * of_b[j] / static_cast<double>(a.size());
    }
  }
  if (expected == 0) return seen == 0 ? 1 : 0;
  return 1 - seen / expected;
}

}  // namespace dramatis::study
