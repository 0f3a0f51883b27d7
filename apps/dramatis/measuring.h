// The command line of arena, interview and evaluate: what was said -> which command, with what.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "arena.h"
#include "evaluate.h"
#include "interview.h"

namespace dramatis::app {

// What the words filled; one thread at a time.
struct Measuring {
  ArenaArgs arena{};
  InterviewArgs interview{};
  EvaluateArgs checks{};
  VoicesArgs voices{};
  SuiteArgs suite{};
  CompareArgs compare{};
  BenignArgs benign{};
  TranscriptsArgs transcripts{};
  CollapseArgs collapse{};
  bool json = false;
};

// Gives a command the flags of these settings.
using AddSettings = std::function<void(CLI::App& command, const std::vector<std::string>& keys)>;

// Adds the commands. `measuring` outlives `dramatis`.
void add_measuring(CLI::App& dramatis, Measuring& measuring, const AddSettings& add_settings);

// Whether `command` is one of them.
[[nodiscard]] bool is_measuring(const CLI::App& command);

// Runs it. `flags` and `config` are those of the command line, for candidates that settle their
// own.
int run_measuring(const CLI::App& command, const Settings& settings, const Measuring& measuring,
                  const std::map<std::string, std::string, std::less<>>& flags,
                  const std::string& config);

}  // namespace dramatis::app
