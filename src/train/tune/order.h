// Which documents each update learns from: decided by seed and lengths alone, before the first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "train/tune/plan.h"

namespace dramatis::train::tune {

// One update.
struct Update {
  std::vector<std::size_t> documents{};  // by place, in the order in which they are summed
  std::size_t epoch = 0;                 // from 0
  bool ends_epoch = false;
};

// Each epoch shuffles all documents with a seed of its own and lays them into batches, the last of
// which may be short; `accumulation` batches make an update, fewer at the end of an epoch.
// `lengths`: tokens of each document. Checked: not empty.
[[nodiscard]] std::vector<Update> updates_of(std::span<const std::size_t> lengths,
                                             const Steps& steps, std::uint64_t seed);

// The documents of this worker: every `workers`-th from `worker`.
[[nodiscard]] std::vector<std::size_t> share_of(std::span<const std::size_t> documents,
                                                std::size_t worker, std::size_t workers);

// Documents in their order, parted so that none but a single one passes `most` tokens.
[[nodiscard]] std::vector<std::vector<std::size_t>> passes_of(
    std::span<const std::size_t> documents, std::span<const std::size_t> lengths, std::size_t most);

// Tokens of the `at_once` neighbouring passes of one update that have most: what is computed at the
// same time, at the most.
[[nodiscard]] std::size_t tokens_at_once(std::span<const std::vector<std::size_t>> passes,
                                         std::span<const std::size_t> lengths, std::size_t at_once);

// The share of the recipe's rate at an update: it rises over the warm-up, then falls.
[[nodiscard]] double rate_share(const Steps& steps, std::size_t update, std::size_t updates);

}  // namespace dramatis::train::tune
