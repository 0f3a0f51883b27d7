// The command line of dataset: what was said -> which command, with what.
#pragma once

#include <CLI/CLI.hpp>

#include "dataset.h"
#include "measuring.h"

namespace dramatis::app {

// Adds the commands. `args` outlives `dramatis`.
void add_dataset(CLI::App& dramatis, DatasetArgs& args, bool& json,
                 const AddSettings& add_settings);

// Runs the one that `dataset` names.
int run_dataset(const CLI::App& dataset, const Settings& settings, DatasetArgs args, bool json);

}  // namespace dramatis::app
