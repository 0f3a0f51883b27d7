// Shuffles, batches, shares.
#include "train/tune/order.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "base/check.h"
#include "base/random.h"

namespace dramatis::train::tune {
namespace {

std::vector<std::size_t> shuffled(std::size_t count, std::uint64_t seed) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  Rng rng(seed);
  for (std::size_t n = count; n > 1; --n) std::swap(order[n - 1], order[rng.below(n)]);
  return order;
}

// By number of conversations, or full up to so many tokens.
bool is_full(const Steps& steps, std::size_t documents, std::size_t tokens, std::size_t next) {
  if (steps.conversations > 0) return documents >= steps.conversations;
  return documents > 0 && tokens + next > steps.tokens;
}

}  // namespace

std::vector<Update> updates_of(std::span<const std::size_t> lengths, const Steps& steps,
                               std::uint64_t seed) {
  DRAMATIS_CHECK(!lengths.empty());
  std::vector<Update> updates;
  for (std::size_t epoch = 0; epoch < steps.epochs; ++epoch) {
    Update update{.epoch = epoch};
    std::size_t batches = 0;
    std::size_t documents = 0;
    std::size_t tokens = 0;
    for (const std::size_t n : shuffled(lengths.size(), seed * 1'000'003 + epoch)) {
      if (is_full(steps, documents, tokens, lengths[n])) {
        documents = tokens = 0;
        if (++batches == steps.accumulation) {
          updates.push_back(std::move(update));
          update = Update{.epoch = epoch};
          batches = 0;
        }
      }
      update.documents.push_back(n);
      ++documents;
      tokens += lengths[n];
    }
    update.ends_epoch = true;
    updates.push_back(std::move(update));
    if (steps.most > 0 && updates.size() >= steps.most) break;
  }
  if (steps.most > 0 && updates.size() > steps.most) updates.resize(steps.most);
  updates.back().ends_epoch = true;
  return updates;
}

std::vector<std::size_t> share_of(std::span<const std::size_t> documents, std::size_t worker,
                                  std::size_t workers) {
  std::vector<std::size_t> mine;
  for (std::size_t n = worker; n < documents.size(); n += workers) mine.push_back(documents[n]);
  return mine;
}

std::vector<std::vector<std::size_t>> passes_of(std::span<const std::size_t> documents,
                                                std::span<const std::size_t> lengths,
                                                std::size_t most) {
  std::vector<std::vector<std::size_t>> passes;
  std::size_t tokens = 0;
  for (const std::size_t n : documents) {
    if (passes.empty() || tokens + lengths[n] > most) {
      passes.emplace_back();
      tokens = 0;
    }
    passes.back().push_back(n);
    tokens += lengths[n];
  }
  return passes;
}

std::size_t tokens_at_once(std::span<const std::vector<std::size_t>> passes,
                           std::span<const std::size_t> lengths, std::size_t at_once) {
  std::size_t most = 0;
  for (std::size_t first = 0; first < passes.size(); first += at_once) {
    std::size_t tokens = 0;
    for (const auto& pass : passes.subspan(first, std::min(at_once, passes.size() - first))) {
      for (const std::size_t n : pass) tokens += lengths[n];
    }
    most = std::max(most, tokens);
  }
  return most;
}

double rate_share(const Steps& steps, std::size_t update, std::size_t updates) {
  const auto n = static_cast<double>(update);
  const auto all = static_cast<double>(updates);
  const double rise =
      std::min(all, std::ceil(steps.warmup < 1 ? steps.warmup * all : steps.warmup));
  if (n < rise) return (n + 1) / rise;
  if (steps.fall == Fall::kNone) return 1;
  const double gone = (n - rise) / std::max(1.0, all - rise);
  return steps.fall == Fall::kLinear ? 1 - gone : 0.5 * (1 + std::cos(std::numbers::pi * gone));
}

}  // namespace dramatis::train::tune
