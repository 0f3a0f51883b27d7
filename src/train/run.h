// The training loop: sequences in, a trained model out, with progress, checkpoints and a clean
// stop.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "train/llama.h"
#include "train/optimizer.h"
#include "train/packing.h"
#include "train/recipe.h"

namespace dramatis::train {

// What a progress line shows.
struct Progress {
  std::size_t step, steps;
  double loss;      // mean over the steps since the last report, nats per token that counts
  double held_out;  // the latest measured
  double tokens_per_second;
  std::chrono::seconds left;
};

struct Run {
  Schedule plan;
  std::uint64_t seed = 1;
  std::filesystem::path checkpoint;  // empty: none is kept
  std::string digest;                // of recipe and data
  std::function<void(const Progress&)> report;
};

// Trains until the plan's steps are done. The order of the data follows from seed and step alone,
// so a run that was stopped (kCancelled, after a checkpoint) and started again gives the same
// weights.
[[nodiscard]] Status train(const Llama& model, const Run& run, const std::vector<Sequence>& learnt,
                           const std::vector<Sequence>& held_out, std::stop_token stop);

// Mean loss over the tokens that count, nats.
[[nodiscard]] double measure(const Llama& model, const std::vector<Sequence>& rows);

// The rates at a step: up over the warm-up, level, then down to nothing over the decay.
[[nodiscard]] Rates rates_at(const Schedule& plan, std::size_t step);

}  // namespace dramatis::train
