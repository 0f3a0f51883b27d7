// Workloads that other engines can be given alike -> how fast a model file is here.
#pragma once

#include <filesystem>
#include <string>

#include "commands.h"

namespace dramatis::app {

// Token ids are fixed, replies are greedy and of a fixed length, so any engine can do the same
// work.
struct BenchArgs {
  std::filesystem::path file;
  std::string mode = "single";  // single, batch or tavern
  std::string ram;              // "200M": a promise, as the setting; empty: none
  std::size_t threads = 0;      // 0: one for each core
  std::size_t repeat = 3;       // measured runs, after one that warms up
  std::size_t streams = 16;     // batch: replies at once
  std::size_t personas = 8;     // tavern
  std::size_t players = 32;     // tavern
  std::size_t turns = 3;        // tavern, of each player
  Output output = Output::kText;
};

int run_model_bench(const BenchArgs& args);

}  // namespace dramatis::app
