// A load from this process on a service in another -> how much the service carries here.
#pragma once

#include <string>

#include "commands.h"

namespace dramatis::app {

struct ServeBenchArgs {
  std::size_t seconds = 5;     // of the measured part of each phase
  std::size_t players = 64;    // who take turns as fast as they are answered
  std::size_t readers = 1000;  // who read a stream each, all at once
  std::size_t stalled = 5000;  // who ask for a long reply and never read it
  std::string database{};      // empty: a SQLite file that goes with the bench
  bool serves = false;         // the other process: serves until its input ends
  Output output = Output::kText;
};

// The model is scripted (paced_model.h); all else is the product's.
int run_bench_serve(const ServeBenchArgs& args);

}  // namespace dramatis::app
