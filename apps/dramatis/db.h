// The commands of `dramatis db`.
#pragma once

#include <filesystem>
#include <string>

#include "commands.h"
#include "settings.h"

namespace dramatis::app {

struct DbArgs {
  std::filesystem::path file;  // a backup
  std::string to;              // the other database's address
  bool replaces = false;       // what the target holds already
  Output output = Output::kText;
};

// `which`: migrate, check, backup, restore or move. Gives the exit code; 1 where a check found
// something.
int run_db(const Settings& settings, const std::string& which, const DbArgs& args);

}  // namespace dramatis::app
