// An Error -> a line on standard error and an exit code.
#include <cstdio>

#include <fmt/format.h>

#include "base/error_table.h"
#include "commands.h"
#include "text/utterance.h"

namespace dramatis::app {

int complain(const Error& error) {
  std::fflush(stdout);
  fmt::print(stderr, "dramatis: {}\n", text::printable(error.what));
  return error_row(error.code).exit_code;
}

}  // namespace dramatis::app
