// A recipe of the kind `tune` and its talks -> a folder with what was learnt.
#pragma once

#include <filesystem>
#include <stop_token>

#include "base/result.h"
#include "runs/facts.h"
#include "train/tune/learn.h"
#include "train/tune/material.h"
#include "train/tune/plan.h"
#include "train/tune/workers.h"

namespace dramatis::train::tune {

struct Job {
  std::filesystem::path run{};  // checkpoint, best weights, log; the same folder goes on
  std::filesystem::path out{};  // what comes out
  Worker worker{};
  Hearers hearers{};
};

// Reads the base, learns, and (rank 0) writes the result. `start`: of start_of(plan). Errors: those
// of the steps; kUnavailable for a folder that cannot be made.
[[nodiscard]] Result<runs::Facts> tune(const Plan& plan, Start& start, const Talks& talks,
                                       const Job& job, std::stop_token stop);

}  // namespace dramatis::train::tune
