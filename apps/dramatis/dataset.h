// The commands of dramatis dataset: a recipe -> data that may be learnt from.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "commands.h"
#include "settings.h"

namespace dramatis::app {

// What the command lines say beside the settings.
struct DatasetArgs {
  std::filesystem::path recipe{};
  std::filesystem::path folder{};  // of the journals; empty: datasets/ of the user, by the recipe
  std::string database{};          // where the records are instead; empty: in the folder
  std::string run{};               // their name there; empty: the recipe's
  // After so long another worker makes what one has claimed and not finished; longer: what a dead
  // one leaves lies longer, shorter: it is renewed more often.
  std::int64_t lease_seconds = 60;
  bool adds = false;  // make, import: a database that is not there is made
  Output output = Output::kText;
  bool anew = false;  // make: what was made before is put aside
  // export
  std::string form = "messages";
  std::string with_sheet = "on";
  std::filesystem::path out{};
  std::string base = "base";  // of the trainers' configurations
  std::int64_t rank = 0;      // likewise; 0: all weights
  // import
  std::filesystem::path file{};
  std::string character{};  // whose talks; curate: whose answers, empty: the recipe's first
  bool agreed = false;
};

// Makes what is missing. Exit code kNotWhole where it was stopped or the budget is spent.
int run_dataset_make(const Settings& settings, const DatasetArgs& args);
// How far it is, and what it cost.
int run_dataset_status(const Settings& settings, const DatasetArgs& args);
// The table, the gates with examples of each, what was dropped and why.
int run_dataset_report(const Settings& settings, const DatasetArgs& args);
// Files for trainers.
int run_dataset_export(const Settings& settings, const DatasetArgs& args);
// Talks whose players agreed.
int run_dataset_import(const Settings& settings, const DatasetArgs& args);
// Pairs at random, each answer to be made better.
int run_dataset_curate(const Settings& settings, const DatasetArgs& args);

// A worker that has been silent for an hour is dead.
constexpr std::int64_t kMaxLeaseSeconds = 3600;

// The exit code of a run that ended well before all of it was made.
constexpr int kNotWhole = 1;

}  // namespace dramatis::app
