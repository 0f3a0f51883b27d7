// The loop: material in, weights out; evaluations, checkpoints, a log, a clean stop.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "train/tune/base.h"
#include "train/tune/keeping.h"
#include "train/tune/material.h"
#include "train/tune/plan.h"
#include "train/tune/samples.h"
#include "train/tune/state.h"
#include "train/tune/workers.h"

namespace dramatis::train::tune {

// What a progress line shows, after each update.
struct Progress {
  std::size_t update, updates;
  std::size_t epoch, epochs;
  double loss;      // of this update, per token that counts or per preference
  double held_out;  // the latest measured
  double tokens_per_second;
  std::chrono::seconds left;
};

// What was measured once.
struct Evaluation {
  std::size_t update = 0;
  std::size_t epoch = 0;
  Tally tally{};
  bool is_best = false;
  std::vector<Answer> answers{};
};

struct Hearers {
  // Once, before the first update of this process.
  std::function<void(const Keeping&)> keeping{};
  std::function<void(const Progress&)> progress{};
  std::function<void(const Evaluation&)> evaluation{};
};

// The files of a run, in its folder.
struct RunPlaces {
  explicit RunPlaces(const std::filesystem::path& folder)
      : checkpoint(folder / "checkpoint.safetensors"),
        best(folder / "best.safetensors"),
        log(folder / "log.jsonl") {}
  std::filesystem::path checkpoint, best, log;
};

// Trains until the recipe's updates are done or nothing gets better, then puts the best weights
// into the network. Order of data, dropped inputs and sums follow from the recipe and the update
// alone, so a run that was stopped (kCancelled, after a checkpoint), killed or left by another
// process (kUnavailable) and started again gives the same weights, bit for bit.
[[nodiscard]] Result<State> learn(Start& start, const Lessons& lessons, const Plan& plan,
                                  const std::filesystem::path& folder, Workers& workers,
                                  const Hearers& hearers, std::stop_token stop);

}  // namespace dramatis::train::tune
