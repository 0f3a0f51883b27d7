// Mask, penalties, temperature, truncation, draw.
#include "sampling/pick.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <fmt/format.h>

#include "base/check.h"

namespace dramatis::sampling {
namespace {

struct Candidate {
  float logit;
  std::int32_t id;
  double weight;  // probability times a constant
};

bool likelier(const Candidate& a, const Candidate& b) {
  return a.logit != b.logit ? a.logit > b.logit : a.id < b.id;
}

Status check_finite(std::span<const float> logits) {
  for (std::size_t n = 0; n < logits.size(); ++n) {
    if (std::isfinite(logits[n])) continue;
    return fail(ErrorCode::kCorrupt,
                fmt::format("The model gives {} for token {}: non-finite logits. Its weights are "
                            "damaged; fetch the file again.",
                            logits[n], n));
  }
  return {};
}

std::vector<Candidate> candidates(std::span<const float> logits, const TokenMask* allowed) {
  std::vector<Candidate> all;
  all.reserve(allowed == nullptr ? logits.size() : 0);
  for (std::size_t n = 0; n < logits.size(); ++n) {
    const auto id = static_cast<std::int32_t>(n);
    if (allowed != nullptr && !allowed->contains(static_cast<TokenId>(id))) continue;
    all.push_back({logits[n], id, 0});
  }
  return all;
}

// The likeliest first; all of them, or the first top_k.
std::vector<Candidate> rank(std::vector<Candidate> all, int top_k) {
  const std::size_t kept =
      top_k == 0 ? all.size() : std::min(all.size(), static_cast<std::size_t>(top_k));
  const auto end = all.begin() + static_cast<std::ptrdiff_t>(kept);
  if (kept < all.size()) std::ranges::nth_element(all, end, likelier);
  all.resize(kept);
  std::ranges::sort(all, likelier);
  return all;
}

// Weights relative to the likeliest's, which is 1, so that nothing overflows.
void weigh(std::vector<Candidate>& ranked, double temperature) {
  const double most = ranked.front().logit;
  for (auto& candidate : ranked)
    candidate.weight = std::exp((candidate.logit - most) / temperature);
}

void truncate(std::vector<Candidate>& ranked, const lm::Sampling& how) {
  double total = 0;
  for (const auto& candidate : ranked) total += candidate.weight;
  std::size_t kept = 0;
  for (double sum = 0; kept < ranked.size() && (kept == 0 || sum < how.top_p * total); ++kept)
    sum += ranked[kept].weight;
  while (kept > 1 && ranked[kept - 1].weight < how.min_p) --kept;
  ranked.resize(kept);
}

TokenId draw(std::span<const Candidate> ranked, Rng& rng) {
  double total = 0;
  for (const auto& candidate : ranked) total += candidate.weight;
  double left = rng.uniform() * total;
  for (const auto& candidate : ranked) {
    left -= candidate.weight;
    if (left < 0) return static_cast<TokenId>(candidate.id);
  }
  return static_cast<TokenId>(ranked.back().id);  // where rounding left a crumb
}

}  // namespace

Result<TokenId> pick(std::span<float> logits, const lm::Sampling& how, const Said& said,
                     const TokenMask* allowed, Rng& rng) {
  DRAMATIS_CHECK(!logits.empty());
  DRAMATIS_DO(check_finite(logits));
  punish(logits, how, said);
  auto left = candidates(logits, allowed);
  DRAMATIS_CHECK(!left.empty());
  if (how.temperature == 0)
    return static_cast<TokenId>(std::ranges::min_element(left, likelier)->id);
  auto ranked = rank(std::move(left), how.top_k);
  weigh(ranked, how.temperature);
  truncate(ranked, how);
  return draw(ranked, rng);
}

Result<double> log_probability(std::span<const float> logits, std::span<const TokenId> ids) {
  DRAMATIS_CHECK(!logits.empty() && !ids.empty());
  DRAMATIS_DO(check_finite(logits));
  const double most = *std::ranges::max_element(logits);
  double total = 0;
  for (const float logit : logits) total += std::exp(logit - most);
  double chosen = 0;
  double best = -std::numeric_limits<double>::infinity();
  for (const TokenId id : ids) {
    DRAMATIS_CHECK(static_cast<std::size_t>(id) < logits.size());
    best = std::max(best, static_cast<double>(logits[static_cast<std::size_t>(id)]));
  }
  for (const TokenId id : ids) chosen += std::exp(logits[static_cast<std::size_t>(id)] - best);
  return best - most + std::log(chosen) - std::log(total);
}

}  // namespace dramatis::sampling
