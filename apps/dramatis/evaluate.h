// dramatis evaluate: how well characters stay themselves, as a table or as JSON.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "commands.h"
#include "settings.h"

namespace dramatis::app {

// What the command line of `evaluate checks` says beside the settings.
struct EvaluateArgs {
  std::string folder{};                   // the cast; empty: as the setting says
  std::vector<std::string> characters{};  // as typed; none: everyone with checks
  std::filesystem::path checks{};         // a folder of other checks than the cast's; may be empty
  std::string examples = "on";            // on or off: shown in the prompt
  std::string sheet = "on";               // on or off: the prompt tells who is played
  bool nearest = false;                   // no model: the nearest authored line answers
  bool fluency = false;                   // measure the replies' language, too
  std::string english{};  // a GGUF file that knows English alone; empty: the base beside the model
  Output output = Output::kText;
};

// What the command line of `evaluate voices` says beside the settings.
struct VoicesArgs {
  std::vector<std::string> characters{};  // as typed; none: all that the model was taught
  std::filesystem::path voices{};         // a folder of adapters; empty: those of Dramatis
  std::filesystem::path checks{};         // of checks and questions; empty: those of Dramatis
  Output output = Output::kText;
};

// Answers every check, prints what came of it, and gives the exit code. Unless they are set, the
// temperature is 0 and the seed 1, so that two runs can be compared.
int run_evaluate_checks(const Settings& settings, const EvaluateArgs& args);

// The checks of each character in four ways, and questions off every topic; likewise.
int run_evaluate_voices(const Settings& settings, const VoicesArgs& args);

}  // namespace dramatis::app
