// dramatis arena: NPCs that talk with each other in the terminal, kept line by line.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "commands.h"
#include "settings.h"

namespace dramatis::app {

// What the command line of `arena` and its verbs says beside the settings.
struct ArenaArgs {
  std::vector<std::string> characters{};  // as typed; those who talk
  std::string talk{};                     // the id of a talk, its end, or `last`
  std::int64_t turns = 10;                // lines to say
  std::string opening = "Hello! Who are you?";
  std::vector<std::string> scene{};  // "time=Dusk"
  std::string note{};
  std::string order = "round-robin";
  std::vector<std::string> named{};  // characters, in the order in which they speak
  Output output = Output::kText;
};

// Begins a talk and says its first lines, watched live. Ctrl-C gives up the line under way and
// loses no other.
int run_arena(const Settings& settings, const ArenaArgs& args);
// Goes on with a talk: so many lines more.
int run_arena_resume(const Settings& settings, const ArenaArgs& args);
int run_arena_list(const Settings& settings, const ArenaArgs& args);
int run_arena_show(const Settings& settings, const ArenaArgs& args);
int run_arena_evaluate(const Settings& settings, const ArenaArgs& args);
int run_arena_remove(const Settings& settings, const ArenaArgs& args);

}  // namespace dramatis::app
