// `dramatis train RECIPE` for recipes of the kind tune, and `dramatis train compare RUN...`.
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "service.h"

namespace dramatis::app {

// What the command line says beside the recipe; empty: the recipe's, or the default.
struct TuneArgs {
  std::filesystem::path recipe{};
  std::string base{};
  std::vector<std::string> data{};      // in place of the recipe's conversations or preferences
  std::vector<std::string> held_out{};  // likewise
  std::string character{};              // of the recipe's cast, this one alone
  std::filesystem::path run{};          // default: build/runs/<recipe>, with the character
  std::filesystem::path out{};          // default: the run folder's `result`
  std::string recompute{};              // of train::tune::recompute_words
  ServeArgs serve{};                    // whom the adapter is given to, once it is trained
};

// Trains and prints what came of it. Errors: those of train::tune.
[[nodiscard]] Status run_tune(const TuneArgs& args, std::stop_token stop);

// Prints a table of the runs whose result.json is in these folders, or in their `result`.
[[nodiscard]] Status run_compare(const std::vector<std::string>& folders);

}  // namespace dramatis::app
