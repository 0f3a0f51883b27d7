// dramatis evaluate: how well characters stay themselves, as a table or as JSON.
#pragma once

#include <string>
#include <vector>

#include "commands.h"
#include "settings.h"

namespace dramatis::app {

// What the command line of `evaluate checks` says beside the settings.
struct EvaluateArgs {
  std::string folder{};                   // the cast; empty: as the setting says
  std::vector<std::string> characters{};  // as typed; none: everyone with checks
  std::string examples = "on";            // on or off: shown in the prompt
  bool nearest = false;                   // no model: the nearest authored line answers
  bool fluency = false;                   // measure the replies' language, too
  std::string english{};  // a GGUF file that knows English alone; empty: the base beside the model
  Output output = Output::kText;
};

// Answers every check, prints what came of it, and gives the exit code. Unless they are set, the
// temperature is 0 and the seed 1, so that two runs can be compared.
int run_evaluate_checks(const Settings& settings, const EvaluateArgs& args);

}  // namespace dramatis::app
